import Foundation
import JSON
import Rewards

/// AlpacaEval (Li et al. 2023): how often a judge prefers a model's outputs to a baseline's, text-davinci-003's in its first
/// version and GPT-4 Turbo's in its second, where the judge's log-probabilities count.
///
/// Without a judge the outputs are written for one; annotations that it records, ``AlpacaEvalAnnotations`` reads.
public struct AlpacaEvalTask: JudgedTask {
  /// `alpaca_eval`, `alpaca_eval_2`.
  public let name: String
  /// AlpacaEval.
  public let title: String
  /// The data of the paper.
  public let source: BenchmarkSource
  /// The win rate, where there is a judge, and the length of outputs, in code points.
  public let metrics: [Metric]
  /// What is missing.
  public let remark: String?
  /// Any assistant can be the judge.
  public let parts = ["judge"]
  /// The preference for the model, from 0 to 1.
  public let judgedMetric = Metric("win_rate")
  /// How the judge is asked.
  public let judgePrompt: JudgePrompt?
  private let isSecond: Bool

  /// The task.
  /// - Parameter isSecond: whether it is the second version.
  /// - Throws: `EvaluationError` for a judge's prompt without the places for the instruction and both outputs.
  public init(_ settings: TaskSettings = TaskSettings(), isSecond: Bool = false) throws(EvaluationError) {
    self.isSecond = isSecond
    name = isSecond ? "alpaca_eval_2" : "alpaca_eval"
    title = isSecond ? "AlpacaEval 2" : "AlpacaEval"
    source = BenchmarkSource(
      repository: "tatsu-lab/alpaca_eval", split: "eval",
      files: [isSecond ? "alpaca_eval_gpt4_baseline.json" : "alpaca_eval.json"],
      address: "https://github.com/tatsu-lab/alpaca_eval", count: 805)
    metrics = settings.isJudged ? [judgedMetric, Metric("length")] : [Metric("length")]
    remark =
      settings.isJudged
      ? nil
      : "\(name): win rates are for a judge to say, and none is given; the outputs are written for one, and its annotations are read afterwards"
    judgePrompt = try settings.prompt(
      isSecond ? Self.choice : Self.ranking, of: name, places: ["instruction", "output_1", "output_2"])
  }

  /// The instructions.
  public func items(of data: BenchmarkData) throws -> [EvaluationItem] {
    try data.records(of: source.split).map { record in
      EvaluationItem(
        document: record, group: record["dataset"]?.string,
        prompt: TaskPrompt(question: try record.text("instruction", of: name), isChat: true),
        request: .answer(Decoding(maximumTokens: 8192)), target: record["output"]?.string ?? "")
    }
  }

  /// The length.
  public func scores(of answer: ModelAnswer, to item: EvaluationItem) -> ItemScores {
    ["length,none": [Double(answer.text.unicodeScalars.count)]]
  }

  /// Both outputs, in the order that the instruction decides.
  public func questions(about answer: ModelAnswer, to item: EvaluationItem) -> [JudgeQuestion] {
    let instruction = item.document["instruction"]?.string ?? ""
    let outputs = [item.target, answer.text]
    let shown = AlpacaEvalJudgement.isSwitched(instruction) ? [outputs[1], outputs[0]] : outputs
    let messages = judgePrompt?.filled(["instruction": instruction, "output_1": shown[0], "output_2": shown[1]]) ?? []
    return [.reply(to: messages, maximumTokens: isSecond ? 1 : 100, alternatives: isSecond ? 5 : 0)]
  }

  /// The preference for the model, draws as halves.
  public func scores(of answer: ModelAnswer, judged replies: [JudgeReply?], to item: EvaluationItem) -> ItemScores {
    var scores = self.scores(of: answer, to: item)
    guard let reply = replies.first ?? nil, var preference = preference(reply) else { return scores }
    if AlpacaEvalJudgement.isSwitched(item.document["instruction"]?.string ?? "") {
      preference = AlpacaEvalJudgement.switched(preference)
    }
    scores[judgedMetric.key] = [(preference == 0 ? 1.5 : preference) - 1]
    return scores
  }

  private func preference(_ reply: JudgeReply) -> Double? {
    guard isSecond else { return AlpacaEvalJudgement.preference(ranking: reply.text) }
    let numbers = reply.logProbabilities
    // A reply that is about neither output is none, and no draw.
    if numbers["m"] != nil || numbers["M"] != nil { return AlpacaEvalJudgement.preference(logProbabilities: numbers) }
    guard numbers.isEmpty else { return nil }
    // A service that tells no log-probabilities.
    return ["m": 1, "M": 2][PythonText.strip(reply.text)]
  }

  private static let ranking = JudgePrompt.known(
    "caravan-ranking-1",
    #"""
    <|im_start|>system
    You compare the answers of two language models.
    <|im_end|>
    <|im_start|>user
    Two models, model_1 and model_2, were given the same instruction. Decide whose answer most people would prefer.

    The instruction:
    """{instruction}"""

    The answer of model_1:
    """{output_1}"""

    The answer of model_2:
    """{output_2}"""

    Reply with a list in Python and nothing else: both models with their ranks, 1 for the better answer, for example
    [{'model': 'model_1', 'rank': 1}, {'model': 'model_2', 'rank': 2}]
    <|im_end|>
    """#)

  private static let choice = JudgePrompt.known(
    "caravan-choice-1",
    #"""
    <|im_start|>system
    You compare the answers of two language models, and name the better one by its letter.
    <|im_end|>
    <|im_start|>user
    Two models, m and M, were given the same instruction. Decide whose answer most people would prefer.

    The instruction:
    """{instruction}"""

    The answer of m:
    """{output_1}"""

    The answer of M:
    """{output_2}"""

    Reply with the letter of the better model and nothing else, no quotes and no spaces: m or M.
    <|im_end|>
    """#)
}
