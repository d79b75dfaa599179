import Foundation
import JSON
import Rewards

/// BIG-Bench Hard (Suzgun et al. 2023, arXiv 2210.09261): 27 tasks, each with three solved examples that reason or, for
/// `bbh_direct`, only answer.
///
/// The data are a copy of the authors' repository: the questions in `bbh/TASK.json`, the examples in
/// `cot-prompts/TASK.txt`. The result is the mean over tasks. As in Tülu's evaluations texts are compared without
/// punctuation, by which wrong brackets are right too: `dyck_languages` and `multistep_arithmetic_two` come out a little
/// higher than by comparison to the letter. The harness compares to the letter, and its mean is that over questions.
public struct BBHTask: EvaluationTask {
  /// `bbh` or `bbh_direct`.
  public let name: String
  /// BBH.
  public let title: String
  /// The authors' repository.
  public let source = BenchmarkSource(
    address: "https://github.com/suzgunmirac/BIG-Bench-Hard", count: 6511)
  /// Exact match.
  public var metrics: [Metric] { [Metric("exact_match", filter: isOfHarness ? "get-answer" : "none")] }
  /// How the questions differ from Tülu's.
  public var remark: String? {
    style == .tulu25
      ? "\(name): all questions are asked; which 40 of each task Tülu's authors drew depends on their file system" : nil
  }
  /// Three, as the files have them.
  public let shots = 3
  /// The harness has it with reasoning.
  public var hasHarnessForm: Bool { !isDirect }
  private let isDirect: Bool
  private let style: EvaluationStyle
  /// Whether it is the harness's `bbh_cot_fewshot`.
  private var isOfHarness: Bool { style == .harness && hasHarnessForm }

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
    let question = "\n\nQ: \(try record.text("input", of: name))"
    let target = try record.text("target", of: name)
    guard isOfHarness else {
      let isChat = style != .harness
      let prompt = TaskPrompt(
        opening: examples, question: question + (isChat ? "" : "\nA:"), answerBeginning: isChat ? "A:" : "",
        isChat: isChat)
      return EvaluationItem(
        document: record, group: task, prompt: prompt, request: .answer(Decoding(stops: ["\n\n"])), target: target)
    }
    let decoding = Decoding(stops: ["</s>", "Q", "\n\n"], maximumTokens: 1024)
    return EvaluationItem(
      document: record, group: task,
      prompt: TaskPrompt(
        opening: examples, question: question + "\nA: Let's think step by step.\n", isChat: false),
      request: .answer(decoding), target: target)
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

  /// What the harness takes for it: the rest of a line behind "the answer is", but for the last character.
  static func harnessPrediction(of text: String) -> String {
    for rest in PythonText.split(text, by: "the answer is ").dropFirst() {
      let line = PythonText.split(rest, by: "\n")[0]
      if !line.unicodeScalars.isEmpty { return PythonText.strip(PythonText.string(line.unicodeScalars.dropLast())) }
    }
    return HarnessAnswer.invalid
  }

  /// 1 where the answer says what is right.
  public func scores(of answer: ModelAnswer, to item: EvaluationItem) -> ItemScores {
    guard !isOfHarness else {
      let prediction = Self.harnessPrediction(of: answer.text)
      return [metrics[0].key: [PythonText.areEqual(prediction, item.target) ? 1 : 0]]
    }
    return ["exact_match,none": [ExactMatch.areEqual(Self.prediction(of: answer.text), item.target) ? 1 : 0]]
  }

  /// The mean over tasks, with the error of such a mean.
  public func values(of scored: [ScoredItem]) -> [MetricValue] {
    guard !isOfHarness else { return metrics.compactMap { $0.mean(of: scored) } }
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
