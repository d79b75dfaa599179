/// Means and their errors, as lm-evaluation-harness computes them.
public enum SampleStatistics {
  /// The mean; 0 of nothing.
  public static func mean(_ numbers: [Double]) -> Double {
    numbers.isEmpty ? 0 : numbers.reduce(0, +) / Double(numbers.count)
  }

  /// The standard deviation with n - 1; nil for fewer than two numbers.
  public static func deviation(_ numbers: [Double]) -> Double? {
    guard numbers.count > 1 else { return nil }
    let mean = mean(numbers)
    return (numbers.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(numbers.count - 1)).squareRoot()
  }

  /// The standard error of the mean, s/√n; nil for fewer than two numbers.
  public static func standardError(_ numbers: [Double]) -> Double? {
    deviation(numbers).map { $0 / Double(numbers.count).squareRoot() }
  }
}
