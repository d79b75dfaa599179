import Torch
import Training

/// How a model is moved along its gradients: what all recipes give the same defaults.
public struct OptimizationSettings: SettingGroup {
  /// Whether layers are computed again for the backward (activation checkpointing).
  public enum Recompute: String, CaseIterable, SettingValue { case auto, always, never }

  /// What moves the model along its gradients.
  public enum Optimizer: String, CaseIterable, SettingValue {
    case adamw
    case adamw8bit

    package var moments: AdamW.MomentFormat {
      switch self {
      case .adamw: .float32
      case .adamw8bit: .eightBits
      }
    }
  }

  /// How the learning rate falls after the warm-up.
  public var schedule = LearningRateSchedule.Shape.linear
  /// What moves the model along its gradients.
  public var optimizer = Optimizer.adamw
  /// The type that gradients are summed in.
  public var gradientDtype = DType.float32
  /// The decay of Adam's mean of gradients.
  public var adamBeta1 = 0.9
  /// What Adam adds to that mean's root.
  public var adamEpsilon = 1e-8
  /// How strongly matrices shrink at each step.
  public var weightDecay = 0.0
  /// The norm that a larger gradient is scaled down to; 0 for none.
  public var maxGradNorm = 1.0
  /// The most steps.
  public var maxSteps: Int?
  /// The seed of all that is random.
  public var seed: UInt64 = 42
  /// Whether the order of the files is kept in every epoch.
  public var noShuffle = false
  /// The most tokens computed at once.
  public var microTokens = 2048
  /// Whether layers are computed again for the backward.
  public var recompute = Recompute.auto

  /// Tulu's.
  public init() {}

  /// The course of a run.
  public static var meaning: SettingMeaning { .course }

  /// The settings.
  public static let settings: [Setting<Self>] = [
    Setting("schedule", \.schedule, "How the learning rate falls after the warm-up."),
    Setting(
      "optimizer", \.optimizer,
      """
      What moves the model along its gradients: AdamW, which takes 16 bytes a parameter with weights and gradients, or with \
      its two means in 8 bits 10 bytes.
      """),
    Setting(
      "gradient-dtype", \.gradientDtype,
      """
      The type in which the gradients of all weights are summed. bfloat16 saves 2 bytes a parameter: a layer's gradient is computed in \
      float32 and rounded up or down at random, as often up as it lies above.
      """, isRecorded: { $0.gradientDtype != .float32 }),
    Setting("adam-beta1", \.adamBeta1, "The decay of Adam's running mean of gradients.", .decay),
    Setting(
      "adam-epsilon", \.adamEpsilon, "What Adam adds to the square root of the mean squared gradient.",
      .positive),
    Setting("weight-decay", \.weightDecay, "How strongly matrices shrink at each step (AdamW).", .notNegative),
    Setting(
      "max-grad-norm", \.maxGradNorm, "A gradient with a larger norm is scaled down to this norm; 0 turns this off.",
      .notNegative),
    Setting(
      "max-steps", \.maxSteps, "Stop after this many steps; the schedule ends there.", Rule("at least 1") { $0 >= 1 }),
    Setting("seed", \.seed, "The seed of all random choices: the same seed gives the same result."),
    Setting("no-shuffle", \.noShuffle, "Keep the order of the files in every epoch."),
    Setting(
      "micro-tokens", \.microTokens,
      "The most tokens computed at once. Fewer tokens need less memory; the result is the same.",
      Rule("from 1 to 1000000000") { (1...1_000_000_000).contains($0) }),
    Setting(
      "recompute", \.recompute,
      """
      Whether layers are computed again in the backward pass, which takes less memory and up to a third more time. auto \
      does so for as few layers as a long pair needs to stay within the memory of \(setting: "micro-tokens"), or of this \
      machine.
      """),
  ]
}
