extension Rule<Double> {
  /// For what must be there.
  static let positive = Rule("greater than 0") { $0 > 0 && $0.isFinite }
  /// For what may be turned off.
  static let notNegative = Rule("at least 0") { $0 >= 0 && $0.isFinite }
  /// For the decay of a running mean.
  static let decay = Rule("at least 0 and less than 1") { (0..<1).contains($0) }
}
