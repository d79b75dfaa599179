/// Numbers of a few bits each, packed from the lowest bit of the first byte on.
struct PackedBits {
  private let bytes: UnsafeRawBufferPointer
  private let width: Int
  private var bit = 0

  /// - Parameter width: bits a number, from 0 to 64.
  init(_ bytes: UnsafeRawBufferPointer, width: Int) {
    self.bytes = bytes
    self.width = width
  }

  mutating func next() throws(Problem) -> UInt64 {
    guard bit + width <= bytes.count * 8 else { throw Problem("the data end too early") }
    guard width > 0 else { return 0 }
    let first = bit >> 3
    let shift = UInt64(bit & 7)
    bit += width
    var value: UInt64 = 0
    if bytes.count - first >= 8 {
      value = UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: first, as: UInt64.self)) >> shift
      // Bits that begin within a byte may reach into a ninth.
      if Int(shift) + width > 64 { value |= UInt64(bytes[first + 8]) << (64 - shift) }
    } else {
      for index in first..<bytes.count {
        let byte = UInt64(bytes[index])
        let place = index * 8 - first * 8 - Int(shift)
        value |= place >= 0 ? byte << UInt64(place) : byte >> UInt64(-place)
      }
    }
    return width == 64 ? value : value & (1 << UInt64(width) - 1)
  }
}
