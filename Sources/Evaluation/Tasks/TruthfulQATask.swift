import JSON
import Rewards

/// TruthfulQA (Lin et al. 2022, arXiv 2109.07958), by likelihoods of given answers: MC1, MC2 and MC3.
///
/// Tülu's authors put six solved questions before each, which are not among the data: give them as examples. Upstream's
/// file has had 790 questions since January 2025; published results are on 817.
public struct TruthfulQATask: EvaluationTask {
  /// `truthfulqa`.
  public let name = "truthfulqa"
  /// TruthfulQA.
  public let title = "TruthfulQA"
  /// The data of the paper.
  public let source = BenchmarkSource(
    repository: "truthfulqa/truthful_qa", configuration: "generation", split: "validation",
    address: "https://github.com/sylinrl/TruthfulQA", count: 817)
  /// MC2 first, as the field reports it.
  public let metrics = [Metric("mc2"), Metric("mc1"), Metric("mc3")]
  /// As many as were given.
  public let shots: Int
  /// What is missing.
  public let remark: String? =
    "truthfulqa: whether free answers are true and informative is for two judge models to say, which are not asked"
  private let settings: TaskSettings

  /// The task.
  public init(_ settings: TaskSettings = TaskSettings()) {
    self.settings = settings
    let known = settings.examples?.count ?? 0
    shots = min(settings.shots ?? known, known)
  }

  /// The questions.
  public func items(of data: BenchmarkData) throws -> [EvaluationItem] {
    let examples = try (settings.examples ?? []).prefix(shots).map {
      "Q: \(try $0.text("question", of: name))\nA: \(try $0.text("answer", of: name))\n\n"
    }
    return try data.records(of: source.split, configuration: source.configuration).map { record in
      let answers = try Self.answers(of: record)
      let question = record["question"]?.string ?? record["Question"]?.string ?? ""
      let isChat = settings.style != .harness
      let prompt = TaskPrompt(
        shots: examples, question: "Q: \(question)" + (isChat ? "" : "\nA:"), answerBeginning: isChat ? "A:" : "",
        isChat: isChat)
      let candidates = (answers.whenTrue + answers.whenFalse).map { EvaluationItem.Candidate(" " + $0) }
      return EvaluationItem(
        document: record, prompt: prompt, request: .likelihoods(candidates), target: answers.whenTrue[answers.best])
    }
  }

  /// The answers of a row of the authors' table or of the hub's records.
  static func answers(of record: JSON) throws -> (best: Int, whenTrue: [String], whenFalse: [String]) {
    func list(_ field: String, _ column: String) throws -> [String] {
      if let texts = record[field]?.array?.compactMap(\.string) {
        return texts.map(TruthfulQAScores.closed).filter { !$0.utf8.isEmpty }
      }
      return TruthfulQAScores.answers(in: try record.text(column, of: "truthfulqa"))
    }
    let whenTrue = try list("correct_answers", "Correct Answers")
    let whenFalse = try list("incorrect_answers", "Incorrect Answers")
    let best = TruthfulQAScores.closed(
      try record["best_answer"]?.string ?? record.text("Best Answer", of: "truthfulqa"))
    guard let place = whenTrue.firstIndex(where: { $0 == best }), !whenFalse.isEmpty else {
      throw EvaluationError(
        "truthfulqa: the best answer '\(best)' is none of the true ones; are these the task's data?")
    }
    return (place, whenTrue, whenFalse)
  }

  /// MC1, MC2 and MC3.
  public func scores(of answer: ModelAnswer, to item: EvaluationItem) throws -> ItemScores {
    let known = try Self.answers(of: item.document)
    let numbers = answer.logProbabilities
    guard numbers.count == known.whenTrue.count + known.whenFalse.count else {
      throw EvaluationError(
        "truthfulqa: there are \(numbers.count) likelihoods for \(known.whenTrue.count) true answers")
    }
    let scores = TruthfulQAScores(
      best: known.best, whenTrue: Array(numbers.prefix(known.whenTrue.count)),
      whenFalse: Array(numbers.dropFirst(known.whenTrue.count)))
    return ["mc1,none": [scores.mc1], "mc2,none": [scores.mc2], "mc3,none": [scores.mc3]]
  }
}
