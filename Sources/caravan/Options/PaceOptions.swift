import ArgumentParser

/// The settings for which each command has defaults of its own.
protocol PaceOptions: ParsableArguments {
  var epochs: Double { get }
  var batchSize: Int { get }
  var learningRate: Double { get }
  var warmupRatio: Double { get }
}

extension PaceOptions {
  func validate() throws {
    guard epochs > 0, epochs <= 1e6 else {
      throw ValidationError("--epochs must be greater than 0 and at most 1000000, not \(epochs)")
    }
    guard (1...1_000_000).contains(batchSize) else {
      throw ValidationError("--batch-size must be from 1 to 1000000, not \(batchSize)")
    }
    guard learningRate > 0, learningRate.isFinite else {
      throw ValidationError("--learning-rate must be greater than 0, not \(learningRate)")
    }
    guard (0...1).contains(warmupRatio) else {
      throw ValidationError("--warmup-ratio must be from 0 to 1, not \(warmupRatio)")
    }
  }
}

/// What the options say, the same for each command.
enum PaceHelp {
  static let epochs: ArgumentHelp = "Passes over the data; 0.5 is half of one."
  static let batchSize: ArgumentHelp = "Records a step: pairs, or conversations."
  static let learningRate: ArgumentHelp = "The highest learning rate."
  static let warmupRatio: ArgumentHelp = "The share of the steps in which the learning rate rises from 0."
}

/// Tulu 2's pace of supervised fine-tuning.
struct SFTPace: PaceOptions {
  @Option(help: PaceHelp.epochs) var epochs = 2.0
  @Option(help: PaceHelp.batchSize) var batchSize = 128
  @Option(help: PaceHelp.learningRate) var learningRate = 2e-5
  @Option(help: PaceHelp.warmupRatio) var warmupRatio = 0.03
}

/// Tulu 2.5's pace of preference optimization.
struct DPOPace: PaceOptions {
  @Option(help: PaceHelp.epochs) var epochs = 3.0
  @Option(help: PaceHelp.batchSize) var batchSize = 32
  @Option(help: PaceHelp.learningRate) var learningRate = 5e-7
  @Option(help: PaceHelp.warmupRatio) var warmupRatio = 0.1
}
