import JSON
import Rewards

/// HumanEval (Chen et al. 2021, arXiv 2107.03374), or HumanEval+ with more tests (Liu et al. 2023, arXiv 2305.01210): whether
/// functions that a model completes pass their tests. Programs are run, so it needs a ``ProgramRunner``.
///
/// The authors of Tülu 2.5 and the harness give a model the function's beginning as it is, and no conversation.
public struct HumanEvalTask: EvaluationTask {
  /// `humaneval` or `humaneval_plus`.
  public let name: String
  /// The set's name.
  public let title: String
  /// The data of the papers.
  public let source: BenchmarkSource
  /// The harness has it.
  public let hasHarnessForm = true
  /// The share that passes at the first try; for twenty tries also the estimate for ten.
  public let metrics: [Metric]
  /// How programs differ from those of reports.
  public let remark: String?
  private let settings: TaskSettings

  /// The task; `isPlus` for the set with more tests.
  public init(_ settings: TaskSettings = TaskSettings(), isPlus: Bool = false) {
    self.settings = settings
    (name, title) = isPlus ? ("humaneval_plus", "HumanEval+") : ("humaneval", "HumanEval")
    source = BenchmarkSource(
      repository: isPlus ? "evalplus/humanevalplus" : "openai/openai_humaneval",
      address: isPlus ? "https://github.com/evalplus/evalplus" : "https://github.com/openai/human-eval", count: 164)
    metrics = PassScores.metrics(settings.style)
    remark = PassScores.remark(on: name, settings.style)
  }

  /// The functions to complete.
  public func items(of data: BenchmarkData) throws -> [EvaluationItem] {
    try data.records(of: source.split).map { record in
      let code = try record.text("prompt", of: name)
      for field in ["test", "entry_point"] { _ = try record.text(field, of: name) }
      let isChat = settings.style == .standard
      let stops = ["\nclass", "\ndef", "\n#", "\nif", "\nprint"] + (isChat ? ["\n```"] : [])
      let isSampled = PassScores.isSampled(settings.style)
      return EvaluationItem(
        document: record,
        prompt: TaskPrompt(
          question: isChat ? "Complete this Python function.\n\n```python\n\(code)\n```" : code,
          answerBeginning: isChat ? "Here is the function:\n\n```python\n\(code)" : "", isChat: isChat),
        request: .answer(
          Decoding(
            stops: stops, maximumTokens: settings.style == .harness ? 1024 : 512, temperature: isSampled ? 0.8 : 0,
            topP: isSampled ? 0.95 : 1, count: isSampled ? 20 : 1)),
        target: try record.text("entry_point", of: name))
    }
  }

  /// The estimates by how many of the programs pass, each within three seconds.
  public func scores(of answer: ModelAnswer, to item: EvaluationItem) throws -> ItemScores {
    guard case .texts(let texts) = answer else { return [:] }
    let programs = try texts.map { try Self.program($0, for: item.document, of: name) }
    return try PassScores.scores(programs, seconds: 3, metrics, settings.runner, of: name)
  }

  /// Prompt, completion, tests, and the call of these.
  public static func program(_ completion: String, for record: JSON, of task: String = "humaneval") throws -> String {
    try record.text("prompt", of: task) + completion + "\n" + record.text("test", of: task)
      + "\ncheck(\(record.text("entry_point", of: task)))"
  }
}
