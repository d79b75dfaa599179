/// What a model said of an item.
public enum ModelAnswer: Sendable, Equatable {
  /// The texts that were asked for, as a rule one.
  case texts([String])
  /// How probable each candidate is, in their order.
  case likelihoods([Likelihood])
  /// What each answer is worth, in their order; nil where the reward model cannot say.
  case rewards([Double?])

  /// The first text; an empty one where there is none.
  public var text: String { if case .texts(let texts) = self { texts.first ?? "" } else { "" } }

  /// The log-probabilities of the candidates.
  public var logProbabilities: [Double] {
    if case .likelihoods(let all) = self { all.map(\.logProbability) } else { [] }
  }
}

/// How probable a text is after another.
public struct Likelihood: Sendable, Equatable {
  /// The sum of its tokens' log-probabilities, in nats.
  public let logProbability: Double
  /// Whether each of its tokens is the most probable one.
  public let isGreedy: Bool

  /// A likelihood.
  public init(logProbability: Double, isGreedy: Bool) {
    (self.logProbability, self.isGreedy) = (logProbability, isGreedy)
  }
}
