/// Supervised fine-tuning: −log p of each scored token, averaged over all scored tokens of the batch, each counted with its weight w:
/// Σ w (−log p) / Σ w.
///
/// Weights are those of the column `weight`, and 1 without it. The derivative by a token's log p is −w / Σ w: a record of weight 2
/// adds to both sums what it adds when it stands in the batch twice, and so has the same loss and gradient; other weights lie
/// between. Only the weights' proportions within a batch matter, since a factor of all of them cancels.
public struct SupervisedObjective: Objective {
  /// The objective; it has no parameters.
  public init() {}

  /// The sum of its scored tokens' weights: as many as it has, where all count alike.
  public func weight(of example: ScoredExample) -> Double { example.weights.joined().reduce(0, +) }

  /// −w log p, summed over all scored tokens, and its slopes −w.
  public func loss(of example: ScoredExample, values: [[Float]]) -> ExampleLoss {
    var loss = 0.0
    let slopes = zip(values, example.weights).map { values, weights in
      zip(values, weights).map { value, weight in
        loss -= weight * Double(value)
        return -weight
      }
    }
    return ExampleLoss(loss: loss, slopes: slopes)
  }
}

extension ScoredExample {
  /// How much each scored place counts.
  var weights: [[Double]] { self[.weight] ?? counts.map { Array(repeating: 1, count: $0) } }
}
