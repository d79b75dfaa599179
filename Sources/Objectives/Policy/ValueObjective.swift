import Wording

/// A value model's objective: ½ max((V − R)², (clip(V, V_old − ε, V_old + ε) − R)²), the mean over places, where R is the
/// return of a place and V_old the value that it was estimated with (Schulman et al. 2016, arXiv 1506.02438, in the form that
/// OpenAI's baselines gave PPO).
///
/// An example is one answer, or several to the same prompt. Columns: `return` and `oldValue`, one number a place. They may
/// end before a sequence's places do: those beyond have no return, and count nowhere. Answers of `isMasked` count nowhere
/// either.
public struct ValueObjective: Objective {
  /// How far a value may move from V_old for all that the loss sees (ε); nil for any distance.
  public let range: Double?
  /// What the loss is multiplied by (c₁ of Schulman et al. 2017, equation 9). An optimizer of its own undoes most of it.
  public let coefficient: Double

  /// An objective.
  /// - Throws: `ObjectiveError` where the range is not above 0, or the coefficient is not.
  public init(range: Double? = 0.2, coefficient: Double = 1) throws {
    if let range, !(range > 0 && range.isFinite) {
      throw ObjectiveError("the range of values must be greater than 0, not \(range)")
    }
    guard coefficient > 0, coefficient.isFinite else {
      throw ObjectiveError("the coefficient of the value loss must be greater than 0, not \(coefficient)")
    }
    (self.range, self.coefficient) = (range, coefficient)
  }

  /// The places that have a return.
  public func weight(of example: ScoredExample) -> Double {
    example.counts.indices.reduce(0) { $0 + Double(example.returns($1).count) }
  }

  /// The loss of all its places, and what TRL reports of them.
  public func loss(of example: ScoredExample, values: [[Float]]) -> ExampleLoss {
    loss(of: example, values: values.map { $0.map(Double.init) })
  }

  /// The same in double precision.
  func loss(of example: ScoredExample, values: [[Double]]) -> ExampleLoss {
    var (loss, slopes, clipped) = (0.0, [[Double]](), 0.0)
    for (sequence, values) in values.enumerated() {
      var own = values.map { _ in 0.0 }
      for (place, target) in example.returns(sequence).enumerated() {
        let (value, old) = (values[place], example.oldValue(sequence, place))
        let held = range.map { min(max(value, old - $0), old + $0) } ?? value
        let (free, bound) = ((value - target) * (value - target), (held - target) * (held - target))
        loss += max(free, bound) / 2
        if bound > free { clipped += 1 } else { own[place] = coefficient * (value - target) }
      }
      slopes.append(own)
    }
    return ExampleLoss(
      loss: coefficient * loss, slopes: slopes, metrics: ["loss/value_avg": loss, "val/clipfrac_avg": clipped])
  }

  /// A value model's.
  public var words: ObjectiveWords {
    ObjectiveWords(
      tag: "value-model", unit: "answers",
      method: "as a value model, which says what reward is still to come at each token of an answer",
      meaning: "`loss/value_avg` is half the mean squared distance of values and returns.",
      citations: [Paper.ppo.bibtex])
  }
}

extension ScoredExample {
  /// What came of each place of a sequence that counts.
  fileprivate func returns(_ sequence: Int) -> [Double] {
    guard let returns = self[.return]?[sequence] else { preconditionFailure("the example has no returns") }
    precondition(returns.count <= counts[sequence], "there are more returns than places")
    return isMasked(sequence) ? [] : returns
  }

  fileprivate func oldValue(_ sequence: Int, _ place: Int) -> Double {
    guard let values = self[.oldValue]?[sequence], place < values.count else {
      preconditionFailure("a place with a return has no old value")
    }
    return values[place]
  }
}

extension Column {
  /// What came of each place: its advantage and the value that it was estimated with, one number a place.
  public static let `return` = Column("return")
  /// The value of each place when the answers were sampled, one number a place.
  public static let oldValue = Column("old value")
}
