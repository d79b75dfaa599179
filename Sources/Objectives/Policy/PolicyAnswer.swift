/// One answer as objectives of a policy see it, with a number for each of its T tokens.
struct PolicyAnswer {
  /// log π under the policy as it is, T.
  let logProbabilities: [Double]
  /// log π under the policy that sampled the answer, T; those of the policy as it is where they are absent.
  let old: [Double]
  /// log π under the reference, T, where it is there.
  let reference: [Double]?
  /// T.
  let advantages: [Double]
  /// What the answer's surrogate counts; 1 but where other weights gave it.
  let weight: Double
  /// T, where the head has them.
  let entropies: [Double]?

  /// log π − log π_old, T.
  var logRatios: [Double] { zip(logProbabilities, old).map { $0 - $1 } }
}

extension ScoredExample {
  /// Whether a sequence's answer teaches nothing.
  func isMasked(_ sequence: Int) -> Bool { self[.isMasked]?[sequence].first == 1 }

  /// How many tokens of a sequence count.
  func tokenCount(_ sequence: Int) -> Int { isMasked(sequence) ? 0 : counts[sequence] }

  /// The answer of a sequence, with no token where it is masked.
  func policyAnswer(_ sequence: Int, _ values: [Double]) -> PolicyAnswer {
    let count = tokenCount(sequence)
    func numbers(_ column: Column) -> [Double]? {
      guard let numbers = self[column]?[sequence] else { return nil }
      precondition(numbers.count == values.count, "\(column.name) has one number a place")
      return count == 0 ? [] : numbers
    }
    guard let advantages = self[.advantage]?[sequence] else { preconditionFailure("the example has no advantages") }
    let now = count == 0 ? [] : values
    return PolicyAnswer(
      logProbabilities: now, old: numbers(.oldLogProbability) ?? now, reference: numbers(.referenceLogProbability),
      advantages: advantages.count == 1 ? Array(repeating: advantages[0], count: count) : numbers(.advantage) ?? [],
      weight: self[.samplingWeight]?[sequence].first ?? 1,
      entropies: numbers(.entropy))
  }
}
