import JSON
import Rewards

/// GSM8K (Cobbe et al. 2021, arXiv 2110.14168): word problems, whose result is the last number of the answer.
///
/// Solved examples are the first of the data's own training split, with their solutions, unless others are given; as the harness
/// draws them, five others before each problem. The eight of the paper on chains of thought, which Tülu's authors use, are not
/// part of the data and so none of these.
public struct GSM8KTask: EvaluationTask {
  /// `gsm8k`.
  public let name = "gsm8k"
  /// GSM8K.
  public let title = "GSM8K"
  /// The data of the paper.
  public let source = BenchmarkSource(
    repository: "openai/gsm8k", configuration: "main", exampleSplit: "train",
    address: "https://github.com/openai/grade-school-math", count: 1319)
  /// The harness has it.
  public let hasHarnessForm = true
  /// Exact match; with the harness's two ways to read an answer where it is followed.
  public let metrics: [Metric]
  /// Eight; five as for the harness.
  public let shots: Int
  private let settings: TaskSettings

  /// The task.
  public init(_ settings: TaskSettings = TaskSettings()) {
    self.settings = settings
    shots = settings.shots ?? (settings.style == .harness ? 5 : 8)
    metrics =
      settings.style == .harness
      ? [Metric("exact_match", filter: "strict-match"), Metric("exact_match", filter: "flexible-extract")]
      : [Metric("exact_match")]
  }

  /// The problems; of Tülu 2.5's the 200 that its authors drew.
  public func items(of data: BenchmarkData) throws -> [EvaluationItem] {
    let records = try data.records(of: source.split, configuration: source.configuration)
    var examples = try SolvedExamples(for: self, of: data, settings)
    let items = try records.map { try item($0, examples.next().map(example)) }
    guard settings.style == .tulu25, items.count > 200 else { return items }
    var random = PythonRandom(seed: 42)
    return random.sample(200, below: items.count).map { items[$0] }
  }

  private func item(_ record: JSON, _ examples: [String]) throws -> EvaluationItem {
    let question = try question(record)
    let target = GSM8KReward.target(in: try record.text("answer", of: name))
    guard settings.style == .harness else {
      let opening = examples.isEmpty ? "Answer the following question.\n\n" : "Answer the following questions.\n\n"
      return EvaluationItem(
        document: record,
        prompt: TaskPrompt(
          opening: opening, shots: examples, question: "Question: \(question)", answerBeginning: "Answer:", isChat: true
        ),
        request: .answer(Decoding()), target: target)
    }
    let prompt = TaskPrompt(shots: examples, question: "Question: \(question)\nAnswer:", isChat: false)
    let stops = ["Question:", "</s>", "<|im_end|>"]
    return EvaluationItem(
      document: record, prompt: prompt, request: .answer(Decoding(stops: stops, maximumTokens: 256)),
      target: try record.text("answer", of: name))
  }

  private func question(_ record: JSON) throws -> String {
    let text = try record.text("question", of: name)
    return settings.style == .harness ? text : PythonText.strip(text)
  }

  private func example(_ record: JSON) throws -> String {
    let answer = try record.text("answer", of: name)
    return "Question: \(try question(record))\nAnswer: \(settings.style == .harness ? answer : Self.plain(answer))\n\n"
  }

  /// A solution without the data's calculations in angle brackets, its result in a sentence.
  static func plain(_ solution: String) -> String {
    var pieces = PythonText.split(solution, by: "<<")
    for index in pieces.indices.dropFirst() {
      pieces[index] = PythonText.split(pieces[index], by: ">>", limit: 1).last ?? ""
    }
    let parts = PythonText.split(pieces.joined(), by: "####")
    guard parts.count == 2 else { return pieces.joined() }
    return "\(PythonText.strip(parts[0]))\nThe answer is \(PythonText.strip(parts[1]))."
  }

  /// 1 where the number is the right one.
  public func scores(of answer: ModelAnswer, to item: EvaluationItem) -> ItemScores {
    guard settings.style == .harness else {
      let isRight = ExactMatch.areEqual(GSM8KReward.prediction(of: answer.text), item.target)
      return ["exact_match,none": [isRight ? 1 : 0]]
    }
    let readings = [HarnessAnswer.strict(answer.text), HarnessAnswer.flexible(answer.text)]
    return ItemScores(
      zip(metrics, readings).map { ($0.key, [HarnessAnswer.areEqual($1, item.target) ? 1.0 : 0]) })
  }
}
