extension UInt64 {
  /// The bits thoroughly mixed, each number from another one (the finalizer of SplitMix64).
  var mixed: UInt64 {
    var bits = self
    bits = (bits ^ (bits >> 30)) &* 0xBF58_476D_1CE4_E5B9
    bits = (bits ^ (bits >> 27)) &* 0x94D0_49BB_1331_11EB
    return bits ^ (bits >> 31)
  }

  /// The hash of a sequence: this of what came before, and one more element.
  func followed(by element: UInt64) -> UInt64 { (self &+ element).mixed &+ 0x9E37_79B9_7F4A_7C15 }
}

extension Sequence<UInt64> {
  /// A hash of the elements in their order.
  var sequenceHash: UInt64 { reduce(0) { $0.followed(by: $1) } }
}
