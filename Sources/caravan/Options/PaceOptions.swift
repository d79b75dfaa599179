import ArgumentParser

/// The settings for which each command has a default of its own.
struct PaceOptions {
  let epochs: Double
  let batchSize: Int
  let learningRate: Double
  let warmupRatio: Double

  func validate() throws {
    guard epochs > 0, epochs <= 1e6 else { throw ValidationError("--epochs must be greater than 0 and at most 1000000, not \(epochs)") }
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
