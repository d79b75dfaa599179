import JSON
import Rewards

/// MBPP+ (Austin et al. 2021, arXiv 2108.07732; Liu et al. 2023, arXiv 2305.01210): short problems, whose programs must
/// pass tests. Programs are run, so it needs a ``ProgramRunner``.
public struct MBPPPlusTask: EvaluationTask {
  /// `mbpp_plus`.
  public let name = "mbpp_plus"
  /// MBPP+.
  public let title = "MBPP+"
  /// The data of the second paper.
  public let source = BenchmarkSource(
    repository: "evalplus/mbppplus", address: "https://github.com/evalplus/evalplus", count: 378)
  /// The share that passes at the first try; for twenty tries also the estimate for ten.
  public let metrics: [Metric]
  /// How values differ from Tülu's.
  public let remark: String?
  private let settings: TaskSettings
  private var isTulu: Bool { settings.style == .tulu25 }

  /// The task.
  public init(_ settings: TaskSettings = TaskSettings()) {
    self.settings = settings
    metrics = PassScores.metrics(settings.style)
    remark = PassScores.remark(on: name, settings.style)
  }

  /// The problems, each with its first test; for Tülu 2.5 without the first hundred, and each with the test that its authors'
  /// program draws, as they ran them.
  public func items(of data: BenchmarkData) throws -> [EvaluationItem] {
    let records = try data.records(of: source.split)
    var random = PythonRandom(seed: 42)
    return try records.dropFirst(isTulu && records.count > 100 ? 100 : 0).map { record in
      let tests = try record.texts("test_list", of: name)
      _ = try record.text("test", of: name)
      let shown = isTulu && !tests.isEmpty ? tests[random.index(below: tests.count)] : tests.first ?? ""
      return EvaluationItem(
        document: record, prompt: try prompt(record, test: shown), request: .answer(decoding), target: "")
    }
  }

  private func prompt(_ record: JSON, test: String) throws -> TaskPrompt {
    let problem = PythonText.strip(try record.text("prompt", of: name))
    let question =
      "Please provide a self-contained Python script that solves the following problem in a markdown code block:\n```\n"
      + "\(problem)\n\(test)" + (isTulu ? "```\n" : "\n```")
    let opening =
      isTulu
      ? "\nBelow is a Python script with a self-contained function that solves the problem and passes corresponding tests:"
      : "Here is the script:"
    return TaskPrompt(
      question: question, answerBeginning: "\(opening)\n```python\n\(try beginning(record))", isChat: true)
  }

  private var decoding: Decoding {
    let stops = ["\n\"\"\"", "\nassert", "\n#"]
    return isTulu
      ? Decoding(stops: ["```"] + stops, temperature: 0.8, count: 20) : Decoding(stops: ["\n```"] + stops)
  }

  /// The reference program up to its first colon: imports, and the function's name and parameters.
  private func beginning(_ record: JSON) throws -> String {
    let parts = PythonText.split(try record.text("code", of: name), by: ":", limit: 1)
    return parts.count == 2 ? parts[0] + ":" : ""
  }

  /// 1 where the program passes within ten seconds.
  public func scores(of answer: ModelAnswer, to item: EvaluationItem) throws -> ItemScores {
    guard case .texts(let texts) = answer else { return [:] }
    let (start, test) = (try beginning(item.document), try item.document.text("test", of: name))
    return try PassScores.scores(
      texts.map { start + $0 + "\n" + test }, seconds: 10, metrics, settings.runner, of: name)
  }
}
