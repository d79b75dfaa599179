/// A value of a GGUF file's metadata, of the types that language models have.
package enum MetadataValue: Sendable, Equatable {
  case uint32(UInt32)
  case float32(Float)
  case bool(Bool)
  case string([UInt8])
  case int32s([Int32])
  case float32s([Float])
  case bools([Bool])
  /// Texts, which need not be UTF-8.
  case strings([[UInt8]])

  /// A size or an id.
  static func number(_ value: Int) -> MetadataValue { .uint32(UInt32(clamping: value)) }
  static func number(_ value: Double) -> MetadataValue { .float32(Float(value)) }
  static func text(_ value: String) -> MetadataValue { .string(Array(value.utf8)) }

  /// The numbers by which the format knows the types.
  private enum TypeID {
    static let (uint32, int32, float32, bool, string, array): (UInt32, UInt32, UInt32, UInt32, UInt32, UInt32) =
      (4, 5, 6, 7, 8, 9)
  }

  /// Appends type and value.
  func append(to bytes: inout [UInt8]) {
    switch self {
    case .uint32(let value):
      bytes.append(number: TypeID.uint32)
      bytes.append(number: value)
    case .float32(let value):
      bytes.append(number: TypeID.float32)
      bytes.append(number: value.bitPattern)
    case .bool(let value):
      bytes.append(number: TypeID.bool)
      bytes.append(value ? 1 : 0)
    case .string(let value):
      bytes.append(number: TypeID.string)
      bytes.append(string: value)
    case .int32s(let values):
      bytes.append(arrayOf: TypeID.int32, count: values.count)
      for value in values { bytes.append(number: value) }
    case .float32s(let values):
      bytes.append(arrayOf: TypeID.float32, count: values.count)
      for value in values { bytes.append(number: value.bitPattern) }
    case .bools(let values):
      bytes.append(arrayOf: TypeID.bool, count: values.count)
      for value in values { bytes.append(value ? 1 : 0) }
    case .strings(let values):
      bytes.append(arrayOf: TypeID.string, count: values.count)
      for value in values { bytes.append(string: value) }
    }
  }

  /// The number of the type of arrays, then what they hold.
  fileprivate static var array: UInt32 { TypeID.array }
}

extension [UInt8] {
  /// Appends a number, little-endian.
  mutating func append(number: some FixedWidthInteger) {
    Swift.withUnsafeBytes(of: number.littleEndian) { append(contentsOf: $0) }
  }

  /// Appends a text with its length in front.
  mutating func append(string: [UInt8]) {
    append(number: UInt64(string.count))
    append(contentsOf: string)
  }

  fileprivate mutating func append(arrayOf type: UInt32, count: Int) {
    append(number: MetadataValue.array)
    append(number: type)
    append(number: UInt64(count))
  }
}
