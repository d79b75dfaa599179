import JSON

/// AlpacaEval's instructions (Li et al. 2023), answered for a judge: how often it prefers the outputs is said by its
/// annotations, which ``AlpacaEvalAnnotations`` reads.
public struct AlpacaEvalTask: EvaluationTask {
  /// `alpaca_eval`.
  public let name = "alpaca_eval"
  /// AlpacaEval.
  public let title = "AlpacaEval"
  /// The data of the paper.
  public let source = BenchmarkSource(
    repository: "tatsu-lab/alpaca_eval", split: "eval", files: ["alpaca_eval.json"],
    address: "https://github.com/tatsu-lab/alpaca_eval", count: 805)
  /// The length of outputs, in code points.
  public let metrics = [Metric("length")]
  /// What is missing.
  public let remark: String? =
    "alpaca_eval: win rates are for a judge to say; the outputs are written for it, and its annotations are read afterwards"

  /// The task.
  public init(_ settings: TaskSettings = TaskSettings()) {}

  /// The instructions.
  public func items(of data: BenchmarkData) throws -> [EvaluationItem] {
    try data.records(of: source.split).map { record in
      EvaluationItem(
        document: record, group: record["dataset"]?.string,
        prompt: TaskPrompt(question: try record.text("instruction", of: name), isChat: true),
        request: .answer(Decoding(maximumTokens: 8192)), target: "")
    }
  }

  /// The length.
  public func scores(of answer: ModelAnswer, to item: EvaluationItem) -> ItemScores {
    ["length,none": [Double(answer.text.unicodeScalars.count)]]
  }
}
