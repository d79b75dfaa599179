import Foundation

extension PreferenceObjective {
  /// Direct preference optimization, of pairs.
  public var words: ObjectiveWords {
    ObjectiveWords(
      tag: "dpo", unit: "pairs",
      method: "by direct preference optimization (DPO) on pairs of a better and a worse answer to the same prompt",
      figures: [
        .init("accuracy", metric: "rewards/accuracies", digits: 3),
        .init("margin", metric: "rewards/margins", digits: 5),
      ],
      meaning: meaning, citations: kind.type.papers.map(\.bibtex))
  }

  private var meaning: String {
    guard comparesWithReference else {
      return """
        An answer's reward is β times its mean log-probability a token; no reference model takes part. The margin is \
        the better answer's reward less the worse one's; accuracy is the share of pairs in which it is above 0.
        """
    }
    return """
      An answer's reward is β times the log of how much likelier it is to this model than to the reference\
      \(kind == .dpoNorm ? ", averaged over its tokens" : ""). The margin is the better answer's reward less the \
      worse one's; accuracy is the share of pairs in which it is above 0.\(firstLoss)

      Both rewards may fall while the margin grows. That is expected: the loss only asks that the worse answer \
      becomes less likely by more than the better one.
      """
  }

  /// The loss while policy and reference still agree and every margin is 0.
  private var firstLoss: String {
    guard let value = loss.firstValue else { return "" }
    return """
       While the two models agree, as they do at the first step where the reference is the model that training began \
      from, every margin is 0, and the loss is \(value).
      """
  }
}

/// A figure as people read it: four significant digits.
package func shortText(_ value: Double) -> String {
  switch abs(value) {
  case 999.95..<1e9: String(format: "%.0f", value)
  case 0.001..<999.95: String(format: "%#.4g", value)
  default: String(format: "%.3g", value)
  }
}
