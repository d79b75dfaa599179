import JSON
import Rewards

/// MATH-500: the 500 problems of MATH (Hendrycks et al. 2021, arXiv 2103.03874) that Lightman et al. 2023 (arXiv
/// 2305.20050) held out, without examples. Results are compared after Hendrycks' normalization, without computer algebra.
public struct MATH500Task: EvaluationTask {
  /// `math_500`.
  public let name = "math_500"
  /// MATH-500.
  public let title = "MATH-500"
  /// The data of the paper.
  public let source = BenchmarkSource(
    repository: "HuggingFaceH4/MATH-500", address: "https://github.com/openai/prm800k", count: 500)
  /// Exact match.
  public let metrics = [Metric("exact_match")]

  /// The task.
  public init(_ settings: TaskSettings = TaskSettings()) {}

  /// The problems.
  public func items(of data: BenchmarkData) throws -> [EvaluationItem] {
    try data.records(of: source.split).map { record in
      let question =
        "\(try record.text("problem", of: name))\n\nReason step by step, and put the final answer in \\boxed{}."
      return EvaluationItem(
        document: record, group: record["subject"]?.string, prompt: TaskPrompt(question: question, isChat: true),
        request: .answer(Decoding(maximumTokens: 2048)), target: try record.text("answer", of: name))
    }
  }

  /// 1 where the results mean the same.
  public func scores(of answer: ModelAnswer, to item: EvaluationItem) -> ItemScores {
    let isRight = MathAnswer.candidates(in: answer.text).contains { MathAnswer.areEquivalent($0, item.target) }
    return ["exact_match,none": [isRight ? 1 : 0]]
  }
}
