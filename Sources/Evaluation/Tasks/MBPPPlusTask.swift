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
  /// The share that passes at the first try.
  public let metrics = [Metric("pass@1")]
  /// How prompts differ from Tülu's.
  public let remark: String? = "mbpp_plus: the test that a prompt shows is the first; Tülu's authors show one at random"
  private let settings: TaskSettings

  /// The task.
  public init(_ settings: TaskSettings = TaskSettings()) { self.settings = settings }

  /// The problems; for Tülu 2.5 without the first hundred, as its authors ran them.
  public func items(of data: BenchmarkData) throws -> [EvaluationItem] {
    let records = try data.records(of: source.split)
    return try records.dropFirst(settings.style == .tulu25 && records.count > 100 ? 100 : 0).map { record in
      let test = try record.texts("test_list", of: name).first ?? ""
      _ = try record.text("test", of: name)
      let question =
        "Please provide a self-contained Python script that solves the following problem in a markdown code block:\n```\n"
        + "\(PythonText.strip(try record.text("prompt", of: name)))\n\(test)\n```"
      return EvaluationItem(
        document: record,
        prompt: TaskPrompt(
          question: question, answerBeginning: "Here is the script:\n```python\n" + (try beginning(record)),
          isChat: true),
        request: .answer(Decoding(stops: ["\n```", "\n\"\"\"", "\nassert", "\n#"])), target: "")
    }
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
