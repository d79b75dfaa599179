/// An objective that sees each sequence as one number: the sum over its scored places, as DPO and its kin do.
public protocol SequenceObjective: Objective {
  /// The loss of one example, times its weight.
  /// - Parameter sums: for each of its sequences, the sum of the head's numbers.
  func loss(of example: ScoredExample, sums: [Double]) -> SequenceLoss
}

/// An example's share in a batch's loss, with one slope a sequence.
public struct SequenceLoss: Sendable {
  /// The loss times the example's weight.
  public let loss: Double
  /// Its derivative with respect to each sequence's sum.
  public let slopes: [Double]
  /// Other figures, times the example's weight, by the names that metrics have.
  public let metrics: KeyValuePairs<String, Double>

  /// An example's share.
  public init(loss: Double, slopes: [Double], metrics: KeyValuePairs<String, Double> = [:]) {
    self.loss = loss
    self.slopes = slopes
    self.metrics = metrics
  }
}

extension SequenceObjective {
  /// The loss of the sums; each place has the slope of its sequence.
  public func loss(of example: ScoredExample, values: [[Float]]) -> ExampleLoss {
    let loss = loss(of: example, sums: values.map { $0.reduce(0.0) { $0 + Double($1) } })
    return ExampleLoss(
      loss: loss.loss, slopes: zip(values, loss.slopes).map { Array(repeating: $1, count: $0.count) },
      metrics: loss.metrics)
  }
}
