extension KTOObjective {
  /// Kahneman-Tversky optimization, of rated answers.
  public var words: ObjectiveWords {
    ObjectiveWords(
      tag: "kto", unit: "answers",
      method: "by Kahneman-Tversky optimization (KTO) on single answers, each rated good or bad",
      figures: [.init("margin", metric: "rewards/margins", digits: 5)]
        + (answer.kind.needsDivergence ? [.init("z", metric: "kl", digits: 5)] : []),
      meaning: meaning, citations: [Self.citation])
  }

  private var meaning: String {
    guard answer.kind.needsDivergence else {
      return "\(Rated.meaning) The loss is \(firstLoss) while the two models agree."
    }
    let group = groupSize.map { "\($0) consecutive answers" } ?? "a batch"
    return """
      \(Rated.meaning) z (`kl`) is how much likelier this model finds answers that belong to other prompts, the mean over \
      \(group), and at least 0. The loss is \(firstLoss) while the two models agree.
      """
  }

  private var firstLoss: String {
    answer.desirableWeight == 1 && answer.undesirableWeight == 1 ? "0.5" : "half an answer's weight"
  }

  private static let citation = """
    @article{ethayarajh2024kto,
      title = {{KTO}: Model Alignment as Prospect Theoretic Optimization},
      author = {Ethayarajh, Kawin and Xu, Winnie and Muennighoff, Niklas and Jurafsky, Dan and Kiela, Douwe},
      year = {2024},
      eprint = {2402.01306},
      archivePrefix = {arXiv}
    }
    """
}
