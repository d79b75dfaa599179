import Foundation

extension PreferenceObjective {
  /// Those of its losses: of the first that compares with the reference, if any does.
  public var words: ObjectiveWords {
    let method = (terms.first(where: \.isComparing) ?? terms[0]).kind.type.method
    return ObjectiveWords(
      tag: method.tag, unit: "pairs",
      method: "by \(method.name) on pairs of a better and a worse answer to the same prompt",
      figures: [
        .init("accuracy", metric: "rewards/accuracies", digits: 3),
        .init("margin", metric: "rewards/margins", digits: 5),
      ],
      meaning: meaning, citations: papers.map(\.bibtex))
  }

  private var papers: [Paper] {
    (terms.flatMap { $0.kind.type.papers } + comparison.papers + (isWeighted ? [PairWeight.paper] : [])).reduce(into: []
    ) { papers, paper in
      if !papers.contains(paper) { papers.append(paper) }
    }
  }

  private var meaning: String {
    guard comparesWithReference else {
      let reward = terms.contains(where: \.isComparing) ? "its log-probability" : terms[0].loss.rewardWords
      return """
        An answer's reward is β times \(reward); no reference model takes part. The margin is the better answer's reward less \
        the worse one's; accuracy is the share of pairs in which it is above 0.
        """
    }
    return """
      An answer's reward is β times the log of how much likelier it is to this model than to the reference\
      \(comparison.isReferenceMoving ? ", which followed the model as it trained" : "")\
      \(comparison.ldAlpha.map { ", with a share of \($0) of what lies beyond the shorter answer's length" } ?? ""). The margin is \
      the better answer's reward less the worse one's; accuracy is the share of pairs in which it is above 0.\(firstLoss)\(marginAlone)
      """
  }

  /// What surprises people of losses that see nothing but the margin.
  private var marginAlone: String {
    guard terms.allSatisfy({ $0.loss is any MarginLoss }) else { return "" }
    return """


      Both rewards may fall while the margin grows. That is expected: the loss only asks that the worse answer \
      becomes less likely by more than the better one.
      """
  }

  /// The loss while policy and reference still agree and every margin is 0, where all of it is a matter of these two.
  private var firstLoss: String {
    guard terms.allSatisfy(\.isComparing), !isWeighted else { return "" }
    let zero = Pair.Sides(chosen: 0, rejected: 0)
    let same = Pair(policy: zero, reference: zero, lengths: Pair.Sides(chosen: 1, rejected: 1))
    let formula = terms.count == 1 && terms[0].weight == 1 ? terms[0].loss.firstValue : nil
    let value = formula ?? shortText(terms.reduce(0) { $0 + $1.weight * $1.loss(same).loss })
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
