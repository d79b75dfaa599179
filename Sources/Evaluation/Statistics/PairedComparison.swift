import Foundation

/// Two models' scores on the same items, item by item.
///
/// Items differ more than models do, so the difference of each pair says more than two means with their errors (Miller 2024,
/// "Adding Error Bars to Evals", arXiv 2411.00640, section 4.2). For verdicts, right or wrong, the items on which exactly one
/// model is right are also compared with a fair coin: McNemar's exact test.
public struct PairedComparison: Sendable, Equatable {
  /// The items that both answered.
  public let count: Int
  /// The mean of second minus first.
  public let difference: Double
  /// Its standard error, s/√n of the differences; nil for fewer than two items.
  public let standardError: Double?
  /// The probability of a difference as large if the models were alike: of McNemar's exact test for verdicts, otherwise of the
  /// normal approximation.
  public let probability: Double?

  /// Compares scores on the same items; both lists are as long.
  public init(first: [Double], second: [Double]) {
    let differences = zip(first, second).map { $1 - $0 }
    count = differences.count
    difference = SampleStatistics.mean(differences)
    standardError = SampleStatistics.standardError(differences)
    if (first + second).allSatisfy({ $0 == 0 || $0 == 1 }) {
      probability = Self.exactTest(differences.count { $0 > 0 }, differences.count { $0 < 0 })
    } else if let standardError, standardError > 0 {
      probability = erfc(abs(difference) / standardError / 2.0.squareRoot())
    } else {
      probability = difference == 0 ? 1 : nil
    }
  }

  /// How probable at least as uneven a split of `better + worse` tosses of a coin is, on either side.
  static func exactTest(_ better: Int, _ worse: Int) -> Double {
    let (all, few) = (better + worse, min(better, worse))
    guard all > 0 else { return 1 }
    // In logarithms: 2^-n is no number for thousands of tosses.
    var tail = 0.0
    for k in 0...few {
      let ways = lgamma(Double(all) + 1) - lgamma(Double(k) + 1) - lgamma(Double(all - k) + 1)
      tail += exp(ways - Double(all) * log(2))
    }
    return min(1, 2 * tail)
  }
}
