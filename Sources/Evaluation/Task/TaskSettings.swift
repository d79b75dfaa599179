import JSON

/// What may be changed about a task.
public struct TaskSettings: Sendable {
  /// After whom prompts and scores are modelled.
  public var style: EvaluationStyle
  /// How many solved examples prompts begin with; nil for the task's own number.
  public var shots: Int?
  /// Solved examples to use instead of the data's, records with `question` and `answer`.
  public var examples: [JSON]?

  /// What runs programs that a model wrote; nil where none are to be run.
  public var runner: ProgramRunner?

  /// Whether judges read the answers.
  public var isJudged: Bool
  /// What the judge reads instead of our own prompt: its name and its text, as ``JudgePrompt`` has it.
  public var judgePrompt: (name: String, template: String)?

  /// Settings.
  public init(
    style: EvaluationStyle = .standard, shots: Int? = nil, examples: [JSON]? = nil, runner: ProgramRunner? = nil,
    isJudged: Bool = false, judgePrompt: (name: String, template: String)? = nil
  ) {
    (self.style, self.shots, self.examples, self.runner) = (style, shots, examples, runner)
    (self.isJudged, self.judgePrompt) = (isJudged, judgePrompt)
  }
}

/// After whom prompts and scores are modelled.
public enum EvaluationStyle: String, Sendable, CaseIterable {
  /// The prompts of Tülu's evaluations in the model's own chat template, on full data sets.
  case standard
  /// As the authors of Tülu 2.5 (Ivison et al. 2024, arXiv 2406.09279) evaluated: with Tülu's template, 200 questions of GSM8K,
  /// and prompts of MMLU of at most 2,048 tokens.
  case tulu25 = "tulu-2.5"
  /// As lm-evaluation-harness does by default: raw text, and its way to read answers.
  case harness = "lm-eval"
}
