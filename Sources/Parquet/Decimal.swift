import JSON

/// Decimal numbers with a fixed number of digits behind the point.
enum Decimal {
  /// The number as JSON: a number where every value of the column is one exactly, and else text with all its digits.
  ///
  /// That goes by the column's precision and not by the value, so that a column has one kind. 15 digits survive the way
  /// through a `Double`, 18 the one through an `Int`.
  static func json(digits: String, isNegative: Bool, scale: Int, precision: Int) -> JSON {
    let sign = isNegative ? "-" : ""
    let padded = String(repeating: "0", count: max(0, scale + 1 - digits.count)) + digits
    guard scale > 0 else {
      if precision <= 18, let value = Int(sign + padded) { return .integer(value) }
      return .string(sign + padded)
    }
    let text = "\(sign)\(padded.dropLast(scale)).\(padded.suffix(scale))"
    if precision <= 15, digits.count <= 15, let value = Double(text) { return .number(value) }
    return .string(text)
  }

  /// The decimal digits of a big-endian integer in two's complement.
  static func digits(_ bytes: UnsafeRawBufferPointer) throws(Problem) -> (digits: String, isNegative: Bool) {
    guard 1...512 ~= bytes.count, let first = bytes.first else {
      throw Problem("a decimal of \(bytes.count) bytes is not supported")
    }
    let isNegative = first >= 0x80
    var magnitude = bytes.map { isNegative ? ~$0 : $0 }
    if isNegative {
      for index in magnitude.indices.reversed() {
        magnitude[index] &+= 1
        if magnitude[index] != 0 { break }
      }
    }
    // Long division by 10^9, nine digits at a time, the last ones first.
    var groups: [String] = []
    while magnitude.contains(where: { $0 != 0 }) {
      var remainder: UInt64 = 0
      for index in magnitude.indices {
        let value = remainder << 8 | UInt64(magnitude[index])
        magnitude[index] = UInt8(value / 1_000_000_000)
        remainder = value % 1_000_000_000
      }
      let text = String(remainder)
      groups.append(String(repeating: "0", count: 9 - text.count) + text)
    }
    let digits = groups.reversed().joined().drop { $0 == "0" }
    return (digits.isEmpty ? "0" : String(digits), isNegative)
  }
}
