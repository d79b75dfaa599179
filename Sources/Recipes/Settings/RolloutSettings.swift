import Inference
import Objectives
import Rollouts
import Wording

/// How a policy answers prompts while it learns. Each recipe has defaults of its own.
public protocol RolloutSettings: SettingGroup {
  /// Answers to each prompt.
  var groupSize: Int { get set }
  /// The most tokens of an answer.
  var maxTokens: Int { get set }
  /// What the logits are divided by.
  var temperature: Double { get set }
  /// Only this many of the most probable tokens are chosen among.
  var topK: Int? { get set }
  /// Only the most probable tokens that reach this probability are chosen among.
  var topP: Double { get set }
  /// How the weights that answer are kept: float32 are those in training themselves.
  var rolloutType: WeightFormat { get set }
}

extension RolloutSettings {
  /// The course of a run.
  public static var meaning: SettingMeaning { .course }

  /// The settings, whatever their defaults.
  public static var settings: [Setting<Self>] {
    [
      Setting(
        "group-size", \.groupSize, "Answers to each prompt.", valueName: "count",
        Rule("from 1 to 1024") { (1...1024).contains($0) }),
      Setting(
        "max-tokens", \.maxTokens, "The most tokens of an answer.",
        Rule("from 1 to 1000000") { (1...1_000_000).contains($0) }),
      Setting(
        "temperature", \.temperature, "How freely tokens are chosen in rollouts.",
        .positive),
      Setting(
        "top-k", \.topK, "Choose only among this many of the most probable tokens.", Rule("at least 1") { $0 >= 1 }),
      Setting(
        "top-p", \.topP, "Choose only among the most probable tokens that together reach this probability.",
        Rule("greater than 0 and at most 1") { $0 > 0 && $0 <= 1 }),
      Setting(
        "rollout-type", \.rolloutType,
        """
        The weights that answer: those in training (float32), or a copy in bfloat16 or int8, which is faster and is made anew for \
        every rollout. What is learned from an answer is then multiplied by how much likelier it is under the weights in \
        training, and nothing is learned where that is more than 3.
        """),
    ]
  }

  /// What answers count for the sake of the weights that give them.
  var correction: SamplingCorrection? { rolloutType == .float32 ? nil : SamplingCorrection() }

  /// What they say, for a model whose answers end with some tokens.
  func sampling(stopTokens: Set<Int32>, seed: UInt64) -> AnswerSampler.Settings {
    var settings = AnswerSampler.Settings()
    settings.groupSize = groupSize
    settings.maximumTokens = maxTokens
    settings.sampling = SamplingParameters(temperature: temperature, topK: topK, topP: topP)
    settings.stopTokens = stopTokens
    settings.seed = seed
    return settings
  }
}

/// Rollouts of GRPO: groups of eight, as TRL has them.
public struct GroupRolloutSettings: RolloutSettings {
  /// Answers to each prompt.
  public var groupSize = 8
  /// The most tokens of an answer.
  public var maxTokens = 512
  /// What the logits are divided by.
  public var temperature = 1.0
  /// Only this many of the most probable tokens are chosen among.
  public var topK: Int?
  /// Only the most probable tokens that reach this probability are chosen among.
  public var topP = 1.0
  /// How the weights that answer are kept.
  public var rolloutType = WeightFormat.float32

  /// TRL's.
  public init() {}
}

/// Rollouts of RLOO and online DPO: two answers, as TRL has them.
public struct PairRolloutSettings: RolloutSettings {
  /// Answers to each prompt.
  public var groupSize = 2
  /// The most tokens of an answer.
  public var maxTokens = 512
  /// What the logits are divided by.
  public var temperature = 1.0
  /// Only this many of the most probable tokens are chosen among.
  public var topK: Int?
  /// Only the most probable tokens that reach this probability are chosen among.
  public var topP = 1.0
  /// How the weights that answer are kept.
  public var rolloutType = WeightFormat.float32

  /// TRL's.
  public init() {}
}

extension WeightFormat: SettingValue {}
