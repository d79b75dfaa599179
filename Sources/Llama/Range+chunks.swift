extension Range<Int> {
  /// Consecutive pieces of at most `count` elements.
  package func chunks(of count: Int) -> [Range<Int>] {
    stride(from: lowerBound, to: upperBound, by: count).map { $0..<Swift.min($0 + count, upperBound) }
  }
}
