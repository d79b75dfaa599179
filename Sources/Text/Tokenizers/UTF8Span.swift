/// Valid UTF-8 read scalar by scalar, without the cost of strings.
extension Span<UInt8> {
  /// The scalar that begins at byte `start`, and the byte where the next one begins.
  @inline(__always)
  func scalar(at start: Int) -> (scalar: Unicode.Scalar, end: Int) {
    let first = UInt32(self[start])
    if first < 0x80 { return (Unicode.Scalar(UInt8(first)), start + 1) }
    let second = UInt32(self[start + 1]) & 0x3F
    if first < 0xE0 { return (Self.scalar((first & 0x1F) << 6 | second), start + 2) }
    let third = UInt32(self[start + 2]) & 0x3F
    if first < 0xF0 { return (Self.scalar((first & 0x0F) << 12 | second << 6 | third), start + 3) }
    let fourth = UInt32(self[start + 3]) & 0x3F
    return (Self.scalar((first & 0x07) << 18 | second << 12 | third << 6 | fourth), start + 4)
  }

  /// The scalar that ends before byte `end`, and the byte where it begins.
  func scalar(before end: Int) -> (scalar: Unicode.Scalar, start: Int) {
    var start = end - 1
    while start > 0, self[start] & 0xC0 == 0x80 { start -= 1 }
    return (scalar(at: start).scalar, start)
  }

  private static func scalar(_ value: UInt32) -> Unicode.Scalar { Unicode.Scalar(value) ?? "\u{FFFD}" }
}
