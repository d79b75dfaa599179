/// What a batch is trained towards: a loss of each example's log-probabilities, and its derivatives.
///
/// The batch's loss is the weighted mean of its examples' losses, so that it does not depend on how the batch is split.
public protocol Objective {
  /// How much an example counts in the batch's mean.
  func weight(of example: TrainingExample) -> Double

  /// The loss of one example.
  /// - Parameters:
  ///   - index: the example's place in its data set.
  ///   - sums: for each of its sequences, the sum of its scored tokens' log-probabilities.
  func evaluate(_ example: TrainingExample, at index: Int, sums: [Double]) -> ExampleLoss
}

/// An example's share in a batch's loss.
public struct ExampleLoss: Sendable {
  /// The loss times the example's weight.
  public let loss: Double
  /// Its derivative with respect to each sequence's sum of log-probabilities.
  public let gradient: [Double]
  /// Other figures, times the example's weight, by the names that metrics have.
  public let metrics: KeyValuePairs<String, Double>

  /// An example's share.
  public init(loss: Double, gradient: [Double], metrics: KeyValuePairs<String, Double> = [:]) {
    self.loss = loss
    self.gradient = gradient
    self.metrics = metrics
  }
}
