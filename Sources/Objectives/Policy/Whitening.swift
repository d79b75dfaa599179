/// Numbers of several answers brought to mean 0 and variance 1 together: (x − μ)/√(σ² + ε), over a batch or a part of it.
///
/// What is not to count is left out of what is given: padding does not exist here.
public struct Whitening: Sendable, Equatable {
  /// ε.
  public var epsilon: Double
  /// Whether σ² is divided by n − 1, as in TRL and EasyLM, or by n.
  public var isUnbiased: Bool
  /// Whether the mean is put back, as TRL does for rewards.
  public var keepsMean: Bool

  /// Whitening as TRL has it of advantages; EasyLM's ε is 1e-6.
  public init(epsilon: Double = 1e-8, isUnbiased: Bool = true, keepsMean: Bool = false) {
    (self.epsilon, self.isUnbiased, self.keepsMean) = (epsilon, isUnbiased, keepsMean)
  }

  /// The numbers of each answer, whitened with those of all; a single number has no variance.
  public func callAsFunction(_ answers: [[Double]]) -> [[Double]] {
    let all = answers.joined()
    let count = all.count
    guard count > 0 else { return answers }
    let mean = all.reduce(0, +) / Double(count)
    let squares = all.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
    let variance = squares / Double(max(1, isUnbiased ? count - 1 : count))
    let deviation = (variance + epsilon).squareRoot()
    // Without ε, numbers that are all equal have none.
    return answers.map { $0.map { (deviation == 0 ? 0 : ($0 - mean) / deviation) + (keepsMean ? mean : 0) } }
  }
}
