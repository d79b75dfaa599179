import JSON
import Rewards

/// IFEval (Zhou et al. 2023, arXiv 2311.07911): whether answers follow instructions that a program can check, to the letter and
/// loosely.
public struct IFEvalTask: EvaluationTask {
  /// `ifeval`.
  public let name = "ifeval"
  /// IFEval.
  public let title = "IFEval"
  /// The data of the paper.
  public let source = BenchmarkSource(
    repository: "google/IFEval", split: "train",
    address: "https://github.com/google-research/google-research/tree/master/instruction_following_eval", count: 541)
  /// The harness has it.
  public let hasHarnessForm = true
  /// The share of prompts all of whose instructions are followed, and the share of instructions.
  public let metrics: [Metric]
  /// Where the reference is random.
  public let remark: String? =
    "ifeval: where the reference counts a random letter instead of a character that is none, that character is counted"
  private let style: EvaluationStyle

  /// The task. The harness names the strict prompts first, Tülu's authors the loose ones.
  public init(_ settings: TaskSettings = TaskSettings()) {
    style = settings.style
    let strict = [Metric("prompt_level_strict_acc"), Metric("inst_level_strict_acc", isByItem: false)]
    let loose = [Metric("prompt_level_loose_acc"), Metric("inst_level_loose_acc", isByItem: false)]
    metrics = style == .harness ? strict + loose : loose + strict
  }

  /// The prompts.
  public func items(of data: BenchmarkData) throws -> [EvaluationItem] {
    try data.records(of: source.split).map { record in
      // What cannot be checked is found before anything is asked.
      do { _ = try IFEvalReward.instructions(of: record) } catch {
        throw EvaluationError("\(name): the prompt \(record["key"]?.text ?? "?"): \(error)")
      }
      let prompt = TaskPrompt(question: try record.text("prompt", of: name), isChat: style != .harness)
      let decoding = Decoding(maximumTokens: style == .harness ? 1280 : 2048)
      return EvaluationItem(document: record, prompt: prompt, request: .answer(decoding), target: "")
    }
  }

  /// That languages are guessed, where they are.
  public func remark(on items: [EvaluationItem]) throws -> String? {
    try IFEvalReward.remark(on: items.map(\.document)).map { "\(name): \($0)" }
  }

  /// For each reading whether all instructions are followed, and whether each is.
  public func scores(of answer: ModelAnswer, to item: EvaluationItem) throws -> ItemScores {
    let instructions = try IFEvalReward.instructions(of: item.document)
    var scores: ItemScores = [:]
    for (reading, word) in [(IFEvalReward.Reading.strict, "strict"), (.loose, "loose")] {
      let verdicts = try IFEvalReward.verdicts(on: answer.text, instructions, reading)
      scores["prompt_level_\(word)_acc,none"] = [verdicts.allSatisfy { $0 } ? 1 : 0]
      scores["inst_level_\(word)_acc,none"] = verdicts.map { $0 ? 1 : 0 }
    }
    return scores
  }
}
