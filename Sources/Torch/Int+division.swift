extension Int {
  /// The quotient, rounded up.
  func divided(by size: Int) -> Int { (self + size - 1) / size }
}
