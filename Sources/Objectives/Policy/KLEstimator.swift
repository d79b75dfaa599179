import Foundation

/// Estimates of KL(π ‖ π_ref) from a token that π sampled (Schulman 2020, "Approximating KL divergence"). r = π_ref/π of that
/// token.
public enum KLEstimator: String, Sendable, CaseIterable {
  /// −log r: without bias, of either sign.
  case k1
  /// ½(log r)²: biased, at least 0.
  case k2
  /// r − 1 − log r: without bias, at least 0.
  case k3

  /// The estimate, and its derivative with respect to log π.
  /// - Parameter x: log π − log π_ref.
  public func callAsFunction(logRatio x: Double) -> (value: Double, slope: Double) {
    switch self {
    case .k1: (x, 1)
    case .k2: (x * x / 2, x)
    case .k3: (expm1(-x) + x, -expm1(-x))
    }
  }
}
