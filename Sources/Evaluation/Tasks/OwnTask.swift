import Datasets
import Foundation
import JSON
import Rewards
import Text

/// A user's own benchmark: a file of records, without code.
///
/// A record has a `prompt`, a text or messages, and `answer`, what is right: a text, a number or a list of texts any of
/// which is. With `choices`, a list of texts, their likelihoods are compared and the answer is one of them or its place
/// from 0. What else a scorer reads, as IFEval's instructions, are columns of the record.
public struct OwnTask: EvaluationTask {
  /// How an answer is compared with what is right.
  public enum Scorer: String, Sendable, CaseIterable {
    /// The same text but for case and ASCII punctuation.
    case exact
    /// It holds what is right.
    case contains
    /// Its last number is the right one, as for GSM8K.
    case number
    /// It names the letter of a choice.
    case choice
    /// It has the right result, as for MATH.
    case math
    /// What is right is a regular expression that matches somewhere.
    case pattern
    /// It follows IFEval's instructions.
    case ifeval
  }

  /// The file's name without its ending.
  public let name: String
  /// The same.
  public var title: String { name }
  /// The file.
  public let source: BenchmarkSource
  /// Accuracies where choices are compared, otherwise the mean score.
  public let metrics: [Metric]
  private let scorer: Scorer

  /// A task of the records in `file`.
  public init(file: String, scorer: Scorer, hasChoices: Bool = false) {
    name = URL(filePath: file).deletingPathExtension().lastPathComponent
    source = BenchmarkSource(address: file)
    metrics = hasChoices ? ChoiceScores.metrics : [Metric("score")]
    self.scorer = scorer
  }

  /// The records.
  public func items(of data: BenchmarkData) throws -> [EvaluationItem] {
    try data.records(of: source.split).enumerated().map { place, record in
      let location = RecordLocation(file: data.name, line: place + 1)
      guard !isChoice else { return try choiceItem(record, location) }
      let prompt = try PromptRecord(json: record, location: location)
      guard prompt.messages.count == 1, let question = prompt.messages.first, question.role == "user" else {
        throw EvaluationError("\(location): a task's prompt is one message of the user, not \(prompt.messages.count)")
      }
      if scorer != .ifeval, record["answer"] == nil { throw EvaluationError("\(location): has no 'answer'") }
      return EvaluationItem(
        document: record, group: record["group"]?.string, prompt: TaskPrompt(question: question.content, isChat: true),
        request: .answer(Decoding(maximumTokens: record["max_tokens"]?.int.map { max(1, $0) } ?? 512)),
        target: Self.targets(record).joined(separator: " | "))
    }
  }

  /// That languages are guessed, where instructions ask for them.
  public func remark(on items: [EvaluationItem]) throws -> String? {
    guard scorer == .ifeval else { return nil }
    return try IFEvalReward.remark(on: items.map(\.document)).map { "\(name): \($0)" }
  }

  private var isChoice: Bool { metrics.count == ChoiceScores.metrics.count }

  private func choiceItem(_ record: JSON, _ location: RecordLocation) throws -> EvaluationItem {
    let choices = try record.texts("choices", of: "\(location)")
    guard let right = Self.place(record, choices), choices.count > 1 else {
      throw EvaluationError("\(location): 'answer' is neither one of two or more choices nor its place from 0")
    }
    let prompt = TaskPrompt(question: try record.text("prompt", of: "\(location)"), isChat: false)
    return EvaluationItem(
      document: record, group: record["group"]?.string, prompt: prompt,
      request: .likelihoods(choices.map { EvaluationItem.Candidate(" " + $0) }), target: choices[right])
  }

  private static func place(_ record: JSON, _ choices: [String]) -> Int? {
    if let place = record["answer"]?.int { return choices.indices.contains(place) ? place : nil }
    return record["answer"]?.string.flatMap { answer in choices.firstIndex { $0 == answer } }
  }

  private static func targets(_ record: JSON) -> [String] {
    switch record["answer"] {
    case .array(let values): values.map { $0.string ?? $0.text }
    case .string(let text): [text]
    case .none: []
    case .some(let value): [value.text]
    }
  }

  /// 1 where one of the right answers is met; of IFEval's instructions the share that is followed.
  public func scores(of answer: ModelAnswer, to item: EvaluationItem) throws -> ItemScores {
    if isChoice {
      let choices = try item.document.texts("choices", of: name)
      return ChoiceScores.scores(answer, choices, right: Self.place(item.document, choices) ?? -1)
    }
    guard scorer != .ifeval else {
      let rewarded = RewardedAnswer(prompt: [], text: answer.text, columns: item.document)
      guard let share = try IFEvalReward().reward(for: rewarded) else {
        throw EvaluationError("\(name): a record has no 'instruction_id_list'")
      }
      return [metrics[0].key: [share]]
    }
    for target in Self.targets(item.document) where try isMet(target, answer.text) { return [metrics[0].key: [1]] }
    return [metrics[0].key: [0]]
  }

  private func isMet(_ target: String, _ text: String) throws -> Bool {
    switch scorer {
    case .exact: return ExactMatch.areEqual(PythonText.strip(text), PythonText.strip(target))
    case .contains: return PythonText.contains(PythonText.lower(text), PythonText.lower(target))
    case .number: return ExactMatch.areEqual(GSM8KReward.prediction(of: text), target)
    case .choice:
      return try MultipleChoiceReward(count: 26).choice(in: text).map { String($0) } == PythonText.lower(target)
    case .math: return MathAnswer.candidates(in: text).contains { MathAnswer.areEquivalent($0, target) }
    case .pattern: return try BoundedPattern(target, dotAll: true).matches(text)
    case .ifeval: return false
    }
  }
}
