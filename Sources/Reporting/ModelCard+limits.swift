extension ModelCard {
  /// What the model was made of, whose judgement it follows, and what nobody looked at.
  var limits: String {
    """
    ## Limits

    \([origin, judgement, unmeasured].joined(separator: "\n\n"))
    """
  }

  private var origin: String {
    "What the model knows, and the errors and biases of its knowledge, come from \(code(baseModel)) and the texts that it was "
      + "made from; training on \(words.unit) does not take them away."
  }

  private var judgement: String {
    let sources = data.map { code($0.name) }.joined(separator: ", ")
    let rewards = hyperparameters["reward"].map { ", judged by \(code($0))" } ?? ""
    return switch kind {
    case .language:
      "It follows the judgement of those who made \(sources)\(rewards), whoever they were: what they liked, and what they "
        + "overlooked. It can say what is false or harmful with confidence, and it was not made to refuse anything in particular."
    case .reward:
      "Its scores follow the judgement of those who made \(sources), whoever they were. A high score does not make an answer "
        + "true or harmless, and a model that is trained against the scores finds what they wrongly reward."
    }
  }

  private var unmeasured: String {
    let extent =
      evaluations.isEmpty
      ? "Nothing was measured on held-out data" : "Nothing was measured but what stands under Evaluation"
    let rest = kind == .language ? "truth, safety or bias" : "bias or agreement with people"
    return
      "\(extent): not \(rest), and no language other than those of the data. Test it for your purpose before you rely on it."
  }
}
