import ArgumentParser
import Foundation
import Training

/// The options of training that `sft` and `dpo` share and give the same defaults.
struct TrainingOptions: ParsableArguments {
  @Option(help: "How the learning rate falls after the warm-up.")
  var schedule: LearningRateSchedule.Shape = .linear

  @Option(help: "The decay of Adam's mean of gradients.")
  var adamBeta1 = 0.9

  @Option(help: "The decay of Adam's mean of squared gradients.")
  var adamBeta2 = 0.999

  @Option(help: "What Adam adds to that mean's root.")
  var adamEpsilon = 1e-8

  @Option(help: "How strongly matrices shrink at each step (AdamW).")
  var weightDecay = 0.0

  @Option(help: "The norm that a larger gradient is scaled down to; 0 for none.")
  var maxGradNorm = 1.0

  @Option(help: "The most steps; the schedule ends with them.")
  var maxSteps: Int?

  @Option(help: "The seed of all that is random: the same seed, the same result.")
  var seed: UInt64 = 42

  @Flag(help: "Keep the order of the files in every epoch.")
  var noShuffle = false

  @Option(help: "The most tokens computed at once; it bounds the memory. Fewer need less, and the result is the same.")
  var microTokens = 2048

  @Option(
    help: """
      Whether layers are computed again for the backward, which takes less memory and up to a third more time; auto: as \
      few as keep a long pair within the memory of --micro-tokens, or of this machine.
      """)
  var recompute = Recompute.auto

  /// Whether layers are computed again for the backward.
  enum Recompute: String, CaseIterable, ExpressibleByArgument { case auto, always, never }

  func validate() throws {
    func require(_ condition: Bool, _ message: String) throws { if !condition { throw ValidationError(message) } }
    try require((0..<1).contains(adamBeta1), "--adam-beta1 must be at least 0 and less than 1, not \(adamBeta1)")
    try require((0..<1).contains(adamBeta2), "--adam-beta2 must be at least 0 and less than 1, not \(adamBeta2)")
    try require(adamEpsilon > 0 && adamEpsilon.isFinite, "--adam-epsilon must be greater than 0, not \(adamEpsilon)")
    try require(weightDecay >= 0 && weightDecay.isFinite, "--weight-decay must be at least 0, not \(weightDecay)")
    try require(maxGradNorm >= 0 && maxGradNorm.isFinite, "--max-grad-norm must be at least 0, not \(maxGradNorm)")
    try require(maxSteps.map { $0 >= 1 } ?? true, "--max-steps must be at least 1, not \(maxSteps ?? 0)")
    try require(
      (1...1_000_000_000).contains(microTokens), "--micro-tokens must be from 1 to 1000000000, not \(microTokens)")
  }

  /// The settings, with those that each command has a default of its own for.
  func settings(_ pace: some PaceOptions) -> TrainingSettings {
    var settings = TrainingSettings()
    settings.epochs = pace.epochs
    settings.batchSize = pace.batchSize
    settings.learningRate = pace.learningRate
    settings.warmupRatio = pace.warmupRatio
    settings.schedule = schedule
    settings.adam.beta1 = adamBeta1
    settings.adam.beta2 = adamBeta2
    settings.adam.epsilon = adamEpsilon
    settings.adam.weightDecay = weightDecay
    settings.maxGradientNorm = maxGradNorm
    settings.maxSteps = maxSteps
    settings.shuffleSeed = noShuffle ? nil : seed
    settings.microTokens = microTokens
    return settings
  }
}

extension LearningRateSchedule.Shape: ExpressibleByArgument {}
