import JSON
import Rewards

/// MMLU-Pro (Wang et al. 2024, arXiv 2406.01574): questions with up to ten choices, answered after reasoning. The solved
/// examples are those of the data's validation split.
public struct MMLUProTask: EvaluationTask {
  /// `mmlu_pro`.
  public let name = "mmlu_pro"
  /// MMLU-Pro.
  public let title = "MMLU-Pro"
  /// The data of the paper.
  public let source = BenchmarkSource(
    repository: "TIGER-Lab/MMLU-Pro", exampleSplit: "validation",
    address: "https://huggingface.co/datasets/TIGER-Lab/MMLU-Pro",
    count: 12_032)
  /// The harness has it.
  public let hasHarnessForm = true
  /// Exact match of the letter.
  public let metrics = [Metric("exact_match", filter: "custom-extract")]
  /// Five.
  public let shots: Int
  private let style: EvaluationStyle

  /// The task.
  public init(_ settings: TaskSettings = TaskSettings()) {
    style = settings.style
    shots = min(settings.shots ?? 5, 5)
  }

  /// The questions, with examples of the same category.
  public func items(of data: BenchmarkData) throws -> [EvaluationItem] {
    var examples: TextKeyed<[String]> = [:]
    if shots > 0 {
      for record in try data.records(of: "validation") {
        let reasoning = PythonText.removingPrefix(try record.text("cot_content", of: name), "A: ")
        let text = try question(record) + "Answer: \(reasoning)\n\n"
        examples[try record.text("category", of: name), default: []].append(text)
      }
    }
    return try data.records(of: source.split).map { record in
      let category = try record.text("category", of: name)
      let known = examples[category] ?? []
      guard known.count >= shots else {
        throw EvaluationError("\(name): '\(category)' has \(known.count) solved examples, not \(shots)")
      }
      let opening =
        "The following are multiple choice questions (with answers) about \(category). Think step by step and then finish your "
        + "answer with \"the answer is (X)\" where X is the correct letter choice.\n"
      let isChat = style != .harness
      let beginning = "Answer: Let's think step by step."
      return EvaluationItem(
        document: record, group: category,
        prompt: TaskPrompt(
          opening: opening, shots: Array(known.prefix(shots)),
          question: try question(record) + (isChat ? "" : beginning),
          answerBeginning: isChat ? beginning : "", isChat: isChat),
        request: .answer(
          Decoding(stops: ["Question:"] + (isChat ? ["</s>", "<|im_end|>"] : []), maximumTokens: 2048)),
        target: try record.text("answer", of: name))
    }
  }

  private func question(_ record: JSON) throws -> String {
    let options = try record.texts("options", of: name).enumerated().map { place, option in
      "\(Unicode.Scalar(UInt8(ascii: "A") + UInt8(min(place, 25)))). \(PythonText.strip(option))\n"
    }
    return "Question:\n\(try record.text("question", of: name))\nOptions:\n\(options.joined())"
  }

  /// The letter after the first "answer is", in parentheses or not.
  static func prediction(of text: String) -> String? {
    for piece in PythonText.split(text, by: "answer is ").dropFirst() {
      let letter = PythonText.removingPrefix(piece, "(").unicodeScalars.first
      if let letter, "ABCDEFGHIJ".unicodeScalars.contains(letter) { return String(letter) }
    }
    return nil
  }

  /// 1 where the letter is the right one.
  public func scores(of answer: ModelAnswer, to item: EvaluationItem) -> ItemScores {
    [metrics[0].key: [Self.prediction(of: answer.text) == item.target ? 1 : 0]]
  }
}
