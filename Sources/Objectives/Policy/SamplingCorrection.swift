import Foundation

/// What an answer counts that other weights gave than those in training, as a narrow copy of them does: how much likelier it is
/// under those in training, w = exp(Σ log π − log π_copy), and nothing where that is more than a maximum (`sequence_mask` of
/// TRL, whose maximum is 3).
public struct SamplingCorrection: Sendable, Equatable {
  /// The greatest w that counts.
  public let maximum: Double

  /// A correction; by default TRL's.
  public init(maximum: Double = 3) { self.maximum = maximum }

  /// What an answer counts, by the log-probabilities of its T tokens.
  /// - Parameters:
  ///   - trained: under the weights in training, T.
  ///   - sampled: under those that gave the answer, T.
  public func weight(trained: [Double], sampled: [Double]) -> Double {
    let weight = exp(zip(trained, sampled).reduce(0) { $0 + ($1.0 - $1.1) })
    return weight <= maximum ? weight : 0
  }
}
