import JSON

/// The benchmarks that have names.
public enum EvaluationTasks {
  private static let known:
    [(name: String, make: @Sendable (TaskSettings) throws(EvaluationError) -> any EvaluationTask)] = [
      ("mmlu", { MMLUTask($0) }),
      ("gsm8k", { GSM8KTask($0) }),
      ("bbh", { BBHTask($0) }),
      ("bbh_direct", { BBHTask($0, isDirect: true) }),
      ("truthfulqa", { TruthfulQATask($0) }),
      ("ifeval", { IFEvalTask($0) }),
      ("truthfulqa_gen", { TruthfulQAAnswersTask($0) }),
      ("xstest", { settings throws(EvaluationError) in try XSTestTask(settings) }),
      ("alpaca_eval", { settings throws(EvaluationError) in try AlpacaEvalTask(settings) }),
      ("alpaca_eval_2", { settings throws(EvaluationError) in try AlpacaEvalTask(settings, isSecond: true) }),
      ("toxigen", { ToxiGenTask($0) }),
      ("rewardbench", { RewardBenchTask($0) }),
      ("arc_easy", { ARCTask($0, isChallenge: false) }),
      ("arc_challenge", { ARCTask($0, isChallenge: true) }),
      ("hellaswag", { HellaSwagTask($0) }),
      ("winogrande", { WinoGrandeTask($0) }),
      ("mmlu_pro", { MMLUProTask($0) }),
      ("math_500", { MATH500Task($0) }),
      ("humaneval", { HumanEvalTask($0) }),
      ("humaneval_plus", { HumanEvalTask($0, isPlus: true) }),
      ("mbpp_plus", { MBPPPlusTask($0) }),
    ]

  /// Their names.
  public static let names = known.map(\.name)

  /// Those that any assistant can judge.
  public static let judged = ["xstest", "alpaca_eval", "alpaca_eval_2"]

  /// Those that ask what answers are worth, and so ask reward models.
  public static let rewarding = ["rewardbench"]

  /// Those whose programs are run.
  public static let running = ["humaneval", "humaneval_plus", "mbpp_plus"]

  /// The benchmark of a name; nil where there is none.
  /// - Throws: `EvaluationError` for solved examples of a task that has none.
  public static func named(_ name: String, _ settings: TaskSettings = TaskSettings()) throws(EvaluationError)
    -> (any EvaluationTask)?
  {
    guard let task = try known.first(where: { $0.name == name })?.make(settings) else { return nil }
    if let shots = settings.shots, shots != task.shots {
      throw EvaluationError("\(name) has \(task.shots) solved examples before each question, and cannot have \(shots)")
    }
    return task
  }
}
