import Foundation

/// Dynamic fine-tuning (DFT; Wu et al. 2025, arXiv 2508.05629): −p log p of each scored token, where no gradient flows through
/// p, averaged over all scored tokens of the batch, each counted with its weight as in `SupervisedObjective`.
///
/// SFT's gradient of a token grows as the model finds it less likely; here each token counts as much as it is likely.
public struct DynamicSupervisedObjective: Objective {
  /// The objective; it has no parameters.
  public init() {}

  /// The sum of its scored tokens' weights: as many as it has, where all count alike.
  public func weight(of example: ScoredExample) -> Double { example.weights.joined().reduce(0, +) }

  /// −w p log p, summed over all scored tokens, and its slopes −w p.
  public func loss(of example: ScoredExample, values: [[Float]]) -> ExampleLoss {
    var loss = 0.0
    let slopes = zip(values, example.weights).map { values, weights in
      zip(values, weights).map { value, weight in
        let (log, p) = (Double(value), exp(Double(value)))
        loss -= weight * p * log
        return -weight * p
      }
    }
    return ExampleLoss(loss: loss, slopes: slopes)
  }

  /// Dynamic fine-tuning, of conversations.
  public var words: ObjectiveWords {
    ObjectiveWords(
      tag: "sft", unit: "conversations",
      method:
        "by dynamic fine-tuning (DFT) on conversations, of which only the assistant's words are learned",
      meaning: """
        The loss is the mean of −p log p over the assistant's tokens, where p is the token's probability: SFT in which \
        each token counts as much as the model finds it likely.
        """,
      citations: [Self.citation])
  }

  private static let citation = """
    @misc{wu2025generalization,
      title = {On the Generalization of {SFT}: A Reinforcement Learning Perspective with Reward Rectification},
      author = {Wu, Yongliang and others},
      year = {2025},
      eprint = {2508.05629},
      archivePrefix = {arXiv}
    }
    """
}
