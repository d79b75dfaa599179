extension Int {
  /// The quotient, rounded up.
  package func divided(by size: Int) -> Int { (self + size - 1) / size }
}
