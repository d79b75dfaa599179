/// What one reward said of a batch, for metrics and messages.
public struct RewardSummary: Sendable {
  /// The reward's name.
  public let name: String
  /// What it said of each answer.
  public let outcomes: [RewardOutcome]

  /// What a reward said.
  public init(name: String, outcomes: [RewardOutcome]) { (self.name, self.outcomes) = (name, outcomes) }

  /// The mean of the numbers; nil where there is none.
  public var mean: Double? { values.isEmpty ? nil : values.reduce(0, +) / Double(values.count) }

  /// The standard deviation of the numbers, with n - 1; nil for fewer than two.
  public var standardDeviation: Double? {
    guard let mean, values.count > 1 else { return nil }
    let squares = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
    return (squares / Double(values.count - 1)).squareRoot()
  }

  /// For how many answers it failed.
  public var failureCount: Int { outcomes.count { if case .failed = $0 { true } else { false } } }

  /// Why it failed first; nil where it did not.
  public var firstFailure: String? {
    for case .failed(let reason) in outcomes { return reason }
    return nil
  }

  private var values: [Double] { outcomes.compactMap(\.value) }
}
