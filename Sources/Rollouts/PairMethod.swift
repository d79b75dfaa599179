import Alignment
import JSON
import Llama
import Objectives
import Training

/// Online DPO (Guo et al. 2024, arXiv 2402.04792): of the answers to a prompt the one that is worth the most is chosen over the
/// one that is worth the least.
///
/// Where all answers are worth the same there is nothing to choose, and the prompt is left out (TRL takes the first answer as the
/// better one). The share of such prompts is `ties`.
public struct PairMethod: OnlineMethod {
  private let reference: ReferenceScores?
  private let withShared: Bool
  private let missingEnd: MissingEnd?

  /// Each rollout is one step.
  public let stepsPerRollout = 1

  /// Pairs of answers.
  /// - Parameters:
  ///   - reference: adds what the loss compares with; nil where it compares with nothing, or with what moves.
  ///   - withShared: whether sums as far as the shorter answer goes are wanted too.
  ///   - missingEnd: what becomes of the reward of an answer that has not ended; nil for nothing.
  public init(reference: ReferenceScores?, withShared: Bool = false, missingEnd: MissingEnd? = nil) {
    (self.reference, self.withShared, self.missingEnd) = (reference, withShared, missingEnd)
  }

  /// A pair of each prompt.
  public func batches(of rollout: Rollout) throws -> OnlineBatches {
    var (examples, margins, ties): ([TrainingExample], [Double], Int) = ([], [], 0)
    for group in rollout.groups {
      let known = group.answers.indices.compactMap { index in worth(of: index, in: group).map { (index, $0) } }
      guard let best = known.max(by: { $0.1 < $1.1 }), let worst = known.min(by: { $0.1 < $1.1 }) else { continue }
      guard best.1 > worst.1 else { ties += 1; continue }
      margins.append(best.1 - worst.1)
      examples.append(
        TrainingExample(
          sequences: [best.0, worst.0].map { group.answers[$0].sequence(behind: group.prompt.tokens) },
          location: group.prompt.location))
    }
    try reference?.add(to: &examples, in: [Array(examples.indices)], withShared: withShared) { _ in }
    var figures: TextKeyed<Double> = ["ties": Double(ties) / Double(max(1, rollout.groups.count))]
    if !margins.isEmpty { figures["objective/scores_margin"] = margins.mean }
    return OnlineBatches(
      examples: examples, order: [Array(examples.indices)], figures: figures, samples: rollout.samples())
  }

  private func worth(of index: Int, in group: AnsweredPrompt) -> Double? {
    group.rewards[index].map { group.answers[index].hasEnded ? $0 : missingEnd?($0) ?? $0 }
  }
}
