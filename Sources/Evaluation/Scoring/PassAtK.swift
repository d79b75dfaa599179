/// The probability that at least one of k programs passes, estimated without bias from n programs of which some pass:
/// 1 - C(n-c, k)/C(n, k) (Chen et al. 2021, arXiv 2107.03374, equation 1).
public enum PassAtK {
  /// The estimate.
  /// - Parameters:
  ///   - k: at least 1 and at most `count`.
  ///   - passed: how many of `count` programs passed.
  public static func estimate(_ k: Int, passed: Int, of count: Int) -> Double {
    guard count - passed >= k else { return 1 }
    guard passed > 0 else { return 0 }
    // The product from the paper's appendix, which no factorial overflows.
    var noneOfThem = 1.0
    for number in (count - passed + 1)...count { noneOfThem *= 1 - Double(k) / Double(number) }
    return 1 - noneOfThem
  }
}
