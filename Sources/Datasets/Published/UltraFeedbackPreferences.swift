import JSON
import Text

/// Makes preference pairs of UltraFeedback's records, as the Tulu 2.5 splits were made.
///
/// - `overall`: chosen is the first completion with the highest `overall_score`, rejected one of the others at random that
///   differs from it in score, response or model; equal scores are kept.
/// - `meanAspects`: the score is the mean of an answer's ratings for the four aspects, as far as they are there; rejected
///   is one at random of those with a lower mean, and records without such a one are dropped.
///
/// Prompts from TruthfulQA, on which models are evaluated, are dropped, and texts stripped.
package struct UltraFeedbackPreferences: Derivation {
  /// What answers are compared by.
  package enum Score: String, CaseIterable, Sendable {
    /// `overall_score`.
    case overall
    /// The mean of the ratings in `annotations`.
    case meanAspects = "mean-aspects"

    /// What the published split does with equal scores.
    package var ties: AnswerChoice.Ties { self == .overall ? .keep : .drop }
  }

  /// Whether records whose `source` is `truthful_qa` give pairs.
  package var keepsTruthfulQA = false
  /// Prompts, stripped, that give no pairs.
  package var excludedPrompts: Set<TextKey> = []
  /// Whether an `overall_score` of 10 is read as 1 where the ratings' mean is at most 2: a known mistake of the raw file.
  package var repairsScores = true
  package private(set) var remarks: [DatasetReport.Tally] = []

  private let score: Score
  private var choice: AnswerChoice

  /// Preferences by a score.
  /// - Parameters:
  ///   - ties: what becomes of equal scores; nil for what the published split does.
  ///   - seed: what the random choices follow from, together with the order of the records.
  package init(
    score: Score = .overall, rejected: AnswerChoice.Rejected = .random, ties: AnswerChoice.Ties? = nil, seed: UInt64
  ) {
    self.score = score
    choice = AnswerChoice(rejected: rejected, ties: ties ?? score.ties, seed: seed)
  }

  package mutating func take(_ row: PublishedRow) throws(RecordError) -> [Outcome] {
    [outcome(of: try UltraFeedbackRecord(json: row.json, location: row.location))]
  }

  /// The record's pair; nil where it gives none.
  package mutating func pair(of record: UltraFeedbackRecord) -> PreferencePair? {
    if case .record(.pair(let pair, _, _), _) = outcome(of: record) { pair } else { nil }
  }

  private mutating func outcome(of record: UltraFeedbackRecord) -> Outcome {
    let location = record.location
    guard keepsTruthfulQA || record.source != "truthful_qa" else {
      return .dropped("the prompt comes from TruthfulQA", location, rows: 1)
    }
    guard !excludedPrompts.contains(record.instruction.stripped) else {
      return .dropped("the prompt is a question of TruthfulQA", location, rows: 1)
    }
    let answers = record.completions.compactMap { answer($0, location) }
    guard answers.count >= min(2, record.completions.count) else {
      return .dropped("fewer than two answers have a score", location, rows: 1)
    }
    switch choice.choose(answers) {
    case .failure(let failure): return .dropped(failure.rawValue, location, rows: 1)
    case .success((let chosen, let rejected)):
      let outcome = Outcome.pair(
        record.instruction, chosen.text, rejected.text, source: score.source,
        scores: .init(chosen: chosen.score, rejected: rejected.score), at: location)
      if case .record = outcome, chosen.score == rejected.score {
        remarks.count("pairs have answers of equal scores", location.description)
      }
      return outcome
    }
  }

  /// The completion with the score that it is compared by; nil where it has none.
  private mutating func answer(_ completion: UltraFeedbackRecord.Completion, _ location: RecordLocation) -> AnswerChoice
    .Answer?
  {
    let place = "\(completion.model) at \(location)"
    func answer(_ score: Double) -> AnswerChoice.Answer {
      AnswerChoice.Answer(text: completion.response, score: score, model: completion.model)
    }
    switch score {
    case .overall:
      guard let score = completion.overallScore else {
        remarks.count("completions have no overall_score and were not compared", place)
        return nil
      }
      guard repairsScores, score == 10, let mean = completion.fineGrainedScore ?? completion.ratings.mean, mean <= 2
      else { return answer(score) }
      remarks.count("completions have an overall_score of 10 where 1 was meant, and were given 1", place)
      return answer(1)
    case .meanAspects:
      let ratings = completion.ratings
      for text in ratings.unreadable {
        remarks.count(
          "ratings are neither numbers nor N/A and were taken as missing", "'\(text.prefix(12))' of \(place)")
      }
      guard let mean = ratings.mean else {
        remarks.count("completions have no rating and were not compared", place)
        return nil
      }
      if ratings.values.count < UltraFeedbackRatings.aspects.count {
        remarks.count("completions lack some of the four ratings; their mean is that of the others", place)
      }
      return answer(mean)
    }
  }
}

extension UltraFeedbackPreferences.Score {
  /// The name of the published split.
  fileprivate var source: String {
    switch self {
    case .overall: "ultrafeedback_overall"
    case .meanAspects: "ultrafeedback_mean_aspects"
    }
  }
}
