import JSON

extension LeafType {
  /// The JSON of a stored integer.
  func json(_ value: Int64) throws(Problem) -> JSON {
    switch meaning {
    case .unsigned(64) where value < 0:
      // Beyond 64 bits with a sign, a number is what it is in JSON's own text: rounded to a double.
      return .number(Double(UInt64(bitPattern: value)))
    case .unsigned(let bits) where bits != 64: return .integer(Int(UInt32(truncatingIfNeeded: value)))
    case .date: return .string(Calendar.date(days: value))
    case .time(let digits): return .string(try Calendar.time(value, digits: digits))
    case .timestamp(let digits, let isUTC): return .string(try Calendar.timestamp(value, digits: digits, isUTC: isUTC))
    case .decimal(let scale, let precision):
      return Decimal.json(digits: String(value.magnitude), isNegative: value < 0, scale: scale, precision: precision)
    default: return .integer(Int(value))
    }
  }

  /// The JSON of stored bytes.
  func json(_ bytes: UnsafeRawBufferPointer) throws(Problem) -> JSON {
    if physical == .int96 { return .string(try Calendar.timestamp96(bytes)) }
    switch meaning {
    case .decimal(let scale, let precision):
      let (digits, isNegative) = try Decimal.digits(bytes)
      return Decimal.json(digits: digits, isNegative: isNegative, scale: scale, precision: precision)
    case .json:
      do {
        return try JSON(parsing: bytes)
      } catch {
        throw Problem("a value is not JSON, as the schema promises: \(error)")
      }
    case .uuid:
      let digits = bytes.map { byte in byte < 16 ? "0" + String(byte, radix: 16) : String(byte, radix: 16) }
      return .string(
        [0..<4, 4..<6, 6..<8, 8..<10, 10..<16].map { digits[$0].joined() }.joined(separator: "-"))
    case .float16:
      var cursor = ByteCursor(bytes)
      return .number(Double(Float16(bitPattern: try cursor.number(UInt16.self))))
    case .bson: throw Problem("BSON values are not supported")
    case .interval: throw Problem("interval values are not supported")
    default:
      guard let text = String(validating: bytes, as: UTF8.self) else {
        throw Problem(
          meaning == .text
            ? "a text is not valid UTF-8"
            : "the values are bytes that are not text, such as pictures; write the file without this column")
      }
      return .string(text)
    }
  }
}
