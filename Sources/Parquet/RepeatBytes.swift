extension UnsafeMutableRawBufferPointer {
  /// Copies bytes to a later place that may overlap with theirs: then they repeat. Both places lie within the buffer.
  func repeatBytes(_ length: Int, from source: Int, to target: Int) {
    guard let start = baseAddress else { return }
    // Whole blocks may write beyond the copy, where something else will be written later.
    if target - source >= 16, count - target >= length + 16 {
      for position in stride(from: 0, to: length, by: 16) {
        let block = (start + source + position).loadUnaligned(as: SIMD16<UInt8>.self)
        (start + target + position).storeBytes(of: block, as: SIMD16<UInt8>.self)
      }
    } else {
      for position in 0..<length { self[target + position] = self[source + position] }
    }
  }
}
