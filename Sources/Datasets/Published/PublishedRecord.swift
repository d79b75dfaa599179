import JSON
import Text

/// A record to train on, with what its source says about it.
package enum PublishedRecord: Sendable {
  /// How good a pair's answers are, by the measure of the source.
  package struct Scores: Sendable, Hashable {
    let chosen: Double
    let rejected: Double

    init(chosen: Double, rejected: Double) { (self.chosen, self.rejected) = (chosen, rejected) }

    /// Nil where one of the two is not known.
    init?(_ chosen: Double?, _ rejected: Double?) {
      guard let chosen, let rejected else { return nil }
      self.init(chosen: chosen, rejected: rejected)
    }
  }

  /// A pair, the data set it comes from, and the scores of its answers where there are any.
  case pair(PreferencePair, source: String, scores: Scores?)
  /// A conversation, the data set it comes from, and its name there.
  case conversation(Conversation, dataset: String?, id: String?)

  /// The record in the form of the published splits: `chosen`, `rejected` (whole conversations) and `source`, with
  /// `score_chosen` and `score_rejected`; or `dataset`, `id` and `messages`. Whoever reads it finds the same texts.
  package var json: JSON {
    switch self {
    case .pair(let pair, let source, let scores):
      var members: [(String, JSON)] = [
        ("chosen", (pair.prompt + pair.chosen).json), ("rejected", (pair.prompt + pair.rejected).json),
        ("source", .string(source)),
      ]
      if let scores {
        members += [("score_chosen", .number(scores.chosen)), ("score_rejected", .number(scores.rejected))]
      }
      return .object(.init(members))
    case .conversation(let conversation, let dataset, let id):
      let origin = [("dataset", dataset), ("id", id)].compactMap { name, text in text.map { (name, JSON.string($0)) } }
      return .object(.init(origin + [("messages", conversation.messages.json)]))
    }
  }
}
