/// The settings for which each recipe has defaults of its own.
public protocol Pace: SettingGroup {
  /// Passes over the data.
  var epochs: Double { get set }
  /// Records a step.
  var batchSize: Int { get set }
  /// The highest learning rate; nil for the recipe's own.
  var learningRate: Double? { get set }
  /// The recipe's own rate, with which all weights are trained.
  static var fullRate: Double { get }
  /// The share of the steps in which the rate rises from 0.
  var warmupRatio: Double { get set }
  /// The rate at the schedule's end.
  var finalLearningRate: Double { get set }
  /// The decay of Adam's mean of squared gradients.
  var adamBeta2: Double { get set }
}

extension Pace {
  /// The highest rate of a run. An adapter takes ten times that of all weights (Schulman 2025, "LoRA Without Regret").
  func rate(ofAdapter: Bool) -> Double {
    // Rounded to what the decimal number would be.
    learningRate ?? (ofAdapter ? (Self.fullRate * 1e13).rounded() / 1e12 : Self.fullRate)
  }

  /// The course of a run.
  public static var meaning: SettingMeaning { .course }

  /// The settings, whatever their defaults.
  public static var settings: [Setting<Self>] {
    [
      Setting(
        "epochs", \.epochs, "Passes over the data; 0.5 is half of one.",
        Rule("greater than 0 and at most 1000000") { $0 > 0 && $0 <= 1e6 }),
      Setting(
        "batch-size", \.batchSize, "Records in each step: pairs, rated answers or conversations.",
        Rule("from 1 to 1000000") { (1...1_000_000).contains($0) }),
      Setting(
        "learning-rate", \.learningRate,
        "The highest learning rate. An adapter takes ten times the default.", standing: fullRate, .positive),
      Setting(
        "warmup-ratio", \.warmupRatio, "The share of the steps in which the learning rate rises from 0.",
        Rule("from 0 to 1") { (0...1).contains($0) }),
      Setting(
        "final-learning-rate", \.finalLearningRate, "What the learning rate falls to by the last step.", .notNegative),
      Setting("adam-beta2", \.adamBeta2, "The decay of Adam's running mean of squared gradients.", .decay),
    ]
  }

  /// A rate that falls does not rise.
  public func checkTogether() throws {
    let highest = learningRate ?? Self.fullRate
    guard finalLearningRate > highest else { return }
    throw SettingError(
      "\(setting: "final-learning-rate") is \(finalLearningRate), more than \(setting: "learning-rate"), \(highest)")
  }
}

/// Tulu 2's pace of supervised fine-tuning.
public struct SFTPace: Pace {
  /// Passes over the data.
  public var epochs = 2.0
  /// Conversations a step.
  public var batchSize = 128
  /// The highest learning rate; nil for the recipe's own.
  public var learningRate: Double?
  /// The recipe's own rate, with which all weights are trained.
  public static var fullRate: Double { 2e-5 }
  /// The share of the steps in which the rate rises from 0.
  public var warmupRatio = 0.03
  /// The rate at the schedule's end.
  public var finalLearningRate = 0.0
  /// The decay of Adam's mean of squared gradients.
  public var adamBeta2 = 0.999

  /// Tulu 2's.
  public init() {}
}

/// Tulu 2.5's pace of preference optimization.
public struct DPOPace: Pace {
  /// Passes over the data.
  public var epochs = 3.0
  /// Pairs a step.
  public var batchSize = 32
  /// The highest learning rate; nil for the recipe's own.
  public var learningRate: Double?
  /// The recipe's own rate, with which all weights are trained.
  public static var fullRate: Double { 5e-7 }
  /// The share of the steps in which the rate rises from 0.
  public var warmupRatio = 0.1
  /// The rate at the schedule's end.
  public var finalLearningRate = 0.0
  /// The decay of Adam's mean of squared gradients.
  public var adamBeta2 = 0.999

  /// Tulu 2.5's.
  public init() {}
}
