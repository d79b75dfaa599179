import Foundation
import JSON
import Rewards

/// BIG-Bench Hard (Suzgun et al. 2023, arXiv 2210.09261): 27 tasks, each with three solved examples that reason or, for
/// `bbh_direct`, only answer.
///
/// The data are a copy of the authors' repository: the questions in `bbh/TASK.json`, the examples in
/// `cot-prompts/TASK.txt`. The result is the mean over tasks. As in Tülu's evaluations texts are compared without
/// punctuation, by which wrong brackets are right too: `dyck_languages` and `multistep_arithmetic_two` come out a little
/// higher than by comparison to the letter.
public struct BBHTask: EvaluationTask {
  /// `bbh` or `bbh_direct`.
  public let name: String
  /// BBH.
  public let title: String
  /// The authors' repository.
  public let source = BenchmarkSource(
    address: "https://github.com/suzgunmirac/BIG-Bench-Hard", count: 6511)
  /// Exact match.
  public let metrics = [Metric("exact_match")]
  /// Three, as the files have them.
  public let shots = 3
  private let isDirect: Bool
  private let style: EvaluationStyle

  /// The task; `isDirect` for answers without reasoning.
  public init(_ settings: TaskSettings = TaskSettings(), isDirect: Bool = false) {
    (name, title) = isDirect ? ("bbh_direct", "BBH, direct") : ("bbh", "BBH")
    (self.isDirect, style) = (isDirect, settings.style)
  }

  /// The questions, task by task.
  public func items(of data: BenchmarkData) throws -> [EvaluationItem] {
    guard let folder = data.folder else {
      throw EvaluationError(
        "\(name): \(data.name) is not a folder; give the repository's, which has bbh and cot-prompts")
    }
    let questions = folder.appending(path: "bbh")
    let files = (try? FileManager.default.contentsOfDirectory(atPath: questions.path))?.filter { $0.hasSuffix(".json") }
    guard let files, !files.isEmpty else {
      throw EvaluationError("\(name): \(questions.path) has no .json files; fetch \(source.address)")
    }
    return try files.sorted().flatMap { file in
      let task = PythonText.removingSuffix(file, ".json")
      let examples = try self.examples(folder.appending(path: "cot-prompts/\(task).txt"))
      let record = try JSON(parsing: [UInt8](Data(contentsOf: questions.appending(path: file))))
      guard let records = record["examples"]?.array else {
        throw EvaluationError("\(name): \(file) has no list 'examples'")
      }
      return try records.map { try item($0, task: task, examples: examples) }
    }
  }

  private func item(_ record: JSON, task: String, examples: String) throws -> EvaluationItem {
    let isChat = style != .harness
    let prompt = TaskPrompt(
      opening: examples, question: "\n\nQ: \(try record.text("input", of: name))\(isChat ? "" : "\nA:")",
      answerBeginning: isChat ? "A:" : "", isChat: isChat)
    return EvaluationItem(
      document: record, group: task, prompt: prompt, request: .answer(Decoding(stops: ["\n\n"])),
      target: try record.text("target", of: name))
  }

  /// What stands in a file of examples below its first two lines.
  private func examples(_ file: URL) throws -> String {
    guard let bytes = FileManager.default.contents(atPath: file.path) else {
      throw EvaluationError("\(name): \(file.path) is missing; fetch \(source.address)")
    }
    let text = PythonText.strip(
      PythonText.split(String(decoding: bytes, as: UTF8.self), by: "\n").dropFirst(2).joined(separator: "\n"))
    guard isDirect else { return text }
    return PythonText.split(text, by: "\n\n").map(Self.direct).joined(separator: "\n\n")
  }

  /// A solved example without its reasoning.
  static func direct(_ example: String) -> String {
    let question = PythonText.split(example, by: "\nA:")[0]
    guard PythonText.hasPrefix(example, "Q:"), let answer = PythonText.split(example, by: "So the answer is").last
    else {
      return example
    }
    return PythonText.strip(question) + "\nA: " + PythonText.strip(answer)
  }

  /// What an answer says: what stands between "the answer is" and the next period of its line, or all of it.
  public static func prediction(of text: String) -> String {
    guard let found = try? said?.all(in: text).first else { return PythonText.strip(text) }
    return PythonText.strip(PythonText.string(found.unicodeScalars.dropFirst("the answer is ".count).dropLast()))
  }

  // The authors' pattern, bar and all.
  private static let said = try? BoundedPattern(#"[t|T]he answer is .*?\."#)

  /// 1 where the answer says what is right.
  public func scores(of answer: ModelAnswer, to item: EvaluationItem) -> ItemScores {
    ["exact_match,none": [ExactMatch.areEqual(Self.prediction(of: answer.text), item.target) ? 1 : 0]]
  }

  /// The mean over tasks, with the error of such a mean.
  public func values(of scored: [ScoredItem]) -> [MetricValue] {
    let tasks = Dictionary(grouping: scored) { TextKey($0.item.group ?? "") }.values.compactMap {
      metrics[0].mean(of: $0)
    }
    guard !tasks.isEmpty else { return [] }
    let squares = tasks.compactMap(\.standardError).reduce(0) { $0 + $1 * $1 }
    return [
      MetricValue(
        metric: metrics[0], value: SampleStatistics.mean(tasks.map(\.value).sorted()),
        standardError: squares.squareRoot() / Double(tasks.count))
    ]
  }
}
