import Foundation
import JSON

/// Answers that a model has given, by what it was asked: so that a run that was stopped goes on, and nothing is asked twice.
/// The file has a line of JSON for each answer.
public final class AnswerCache {
  private var answers: TextKeyed<ModelAnswer> = [:]
  private let file: AppendedLines?

  /// Answers that are kept in memory only.
  public init() { file = nil }

  /// Answers that are kept in a file too, which may be there already.
  /// - Throws: `EvaluationError` where it cannot be read or written.
  public init(file: URL) throws(EvaluationError) {
    let lines = try AppendedLines(file: file)
    self.file = lines
    for record in lines.records {
      guard let (key, answer) = Self.read(record) else { continue }
      answers[key] = answer
    }
  }

  /// The answer to what has a key; nil where it was not asked.
  public subscript(key: String) -> ModelAnswer? { answers[key] }

  /// Keeps an answer.
  /// - Throws: `EvaluationError` where the file cannot be written.
  public func keep(_ answer: ModelAnswer, for key: String) throws(EvaluationError) {
    answers[key] = answer
    try file?.append(Self.record(key, answer))
  }

  private static func record(_ key: String, _ answer: ModelAnswer) -> JSON {
    switch answer {
    case .texts(let texts): ["key": .string(key), "texts": .array(texts.map(JSON.string))]
    case .likelihoods(let all):
      [
        "key": .string(key),
        "likelihoods": .array(all.map { [.number($0.logProbability), .bool($0.isGreedy)] }),
      ]
    case .rewards(let all):
      ["key": .string(key), "rewards": .array(all.map { $0.map(JSON.number) ?? .null })]
    }
  }

  private static func read(_ record: JSON) -> (String, ModelAnswer)? {
    guard let key = record["key"]?.string else { return nil }
    if let texts = record["texts"]?.array { return (key, .texts(texts.compactMap(\.string))) }
    if let rewards = record["rewards"]?.array { return (key, .rewards(rewards.map(\.double))) }
    guard let pairs = record["likelihoods"]?.array else { return nil }
    let likelihoods = pairs.compactMap { pair -> Likelihood? in
      guard let values = pair.array, values.count == 2, let number = values[0].double, let isGreedy = values[1].bool
      else { return nil }
      return Likelihood(logProbability: number, isGreedy: isGreedy)
    }
    return likelihoods.count == pairs.count ? (key, .likelihoods(likelihoods)) : nil
  }
}
