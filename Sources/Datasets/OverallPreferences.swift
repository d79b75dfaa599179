import Text

/// Makes preference pairs of UltraFeedback's records by overall score, as the Tulu 2.5 data were made.
///
/// Chosen is the first completion with the highest `overall_score`, rejected one of the others at random that differs
/// from it in score, response or model; equal scores are kept. Texts are stripped.
public struct OverallPreferences: Sendable {
  /// Why a record gave no pair.
  public enum DropReason: String, Sendable, CaseIterable {
    /// The prompt comes from TruthfulQA, on which models are evaluated.
    case truthfulQA = "the prompt comes from TruthfulQA"
    /// There are not two completions that differ.
    case noTwoAnswers = "there are not two different completions"
    /// The prompt or one of the two answers is empty once stripped.
    case emptyText = "the prompt or an answer is empty"
  }

  /// How many records gave no pair, by reason.
  public private(set) var dropped: [DropReason: Int] = [:]
  private var generator: SplitMix64

  /// Preferences whose random choices follow from `seed` and the order of the records.
  public init(seed: UInt64) { generator = SplitMix64(seed: seed) }

  /// The record's pair; nil, and counted in `dropped`, where it gives none.
  public mutating func pair(of record: UltraFeedbackRecord) -> PreferencePair? {
    switch derive(record) {
    case .success(let pair): return pair
    case .failure(let drop):
      dropped[drop.reason, default: 0] += 1
      return nil
    }
  }

  private struct Drop: Error { let reason: DropReason }

  private mutating func derive(_ record: UltraFeedbackRecord) -> Result<PreferencePair, Drop> {
    guard record.source != "truthful_qa" else { return .failure(Drop(reason: .truthfulQA)) }
    guard let best = record.completions.map(\.overallScore).max(),
      let chosen = record.completions.first(where: { $0.overallScore == best })
    else { return .failure(Drop(reason: .noTwoAnswers)) }
    let others = record.completions.filter { !$0.isIdentical(to: chosen) }
    guard !others.isEmpty else { return .failure(Drop(reason: .noTwoAnswers)) }
    let rejected = others[generator.index(below: others.count)]
    let texts = [record.instruction, chosen.response, rejected.response].map(\.stripped)
    guard texts.allSatisfy({ !$0.isEmpty }) else { return .failure(Drop(reason: .emptyText)) }
    return .success(
      PreferencePair(
        prompt: [Message(role: "user", content: texts[0])], chosen: [Message(role: "assistant", content: texts[1])],
        rejected: [Message(role: "assistant", content: texts[2])], location: record.location))
  }
}
