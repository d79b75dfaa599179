import Foundation

extension Column {
  /// log Σp² over the vocabulary at each scored place.
  public static let logSumOfSquares = Column("log sum of squares")
}

/// How much a pair counts in weighted preference optimization (WPO: Zhou et al. 2024, arXiv 2406.11827, equation 2): w(c)·w(r), where
/// w = exp(Σ log(p / Σp²) / n) over an answer's n tokens, p is a token's probability and Σp² that over the vocabulary. It is 1 for
/// what the policy itself would say in the mean, and no gradient flows through it.
enum PairWeight {
  static func weight(of example: ScoredExample, _ values: [[Float]]) -> Double {
    guard let squares = example[.logSumOfSquares] else { preconditionFailure("the pair has no sums of squares") }
    return zip(values, squares).reduce(1) { weight, side in
      let sum = zip(side.0, side.1).reduce(0) { $0 + Double($1.0) - $1.1 }
      return weight * exp(sum / Double(side.0.count))
    }
  }

  static let paper = Paper(
    "zhou2024wpo", "{WPO}: Enhancing {RLHF} with Weighted Preference Optimization",
    """
    Zhou, Wenxuan and Agrawal, Ravi and Zhang, Shujian and Indurthi, Sathish Reddy and Zhao, Sanqiang and
        Song, Kaiqiang and Xu, Silei and Zhu, Chenguang
    """, year: 2024, arXiv: "2406.11827")
}
