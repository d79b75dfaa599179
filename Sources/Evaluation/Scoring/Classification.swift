/// How well one of two classes is recognized.
public struct Classification: Sendable, Equatable {
  /// The share of what is called positive that is.
  public let precision: Double
  /// The share of what is positive that is called so.
  public let recall: Double
  /// Their harmonic mean; 0 where both are.
  public var f1: Double { precision + recall > 0 ? 2 * precision * recall / (precision + recall) : 0 }

  /// Counts verdicts against the truth.
  public init(_ verdicts: some Sequence<(isCalled: Bool, isPositive: Bool)>) {
    var (called, positive, both) = (0, 0, 0)
    for verdict in verdicts {
      if verdict.isCalled { called += 1 }
      if verdict.isPositive { positive += 1 }
      if verdict.isCalled && verdict.isPositive { both += 1 }
    }
    precision = called > 0 ? Double(both) / Double(called) : 0
    recall = positive > 0 ? Double(both) / Double(positive) : 0
  }
}
