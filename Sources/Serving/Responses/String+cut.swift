extension String {
  /// The text, or its beginning where it is longer: what clients send is not repeated at any length.
  func cut(to count: Int) -> String {
    let scalars = unicodeScalars
    guard let end = scalars.index(scalars.startIndex, offsetBy: count, limitedBy: scalars.endIndex),
      end < scalars.endIndex
    else { return self }
    return String(scalars[..<end]) + "…"
  }
}

extension String {
  /// An id that no other has, always as long.
  static func randomID() -> String {
    let digits = String(UInt128.random(in: .min ... .max), radix: 36)
    return String(repeating: "0", count: 25 - digits.count) + digits
  }
}
