/// What a column's stored values stand for: Parquet's logical types, and the converted types of before 2017.
enum Meaning: Equatable {
  /// Parts of a second: 3, 6 or 9 digits.
  typealias Digits = Int

  case text, json, date, uuid, float16
  case list, map
  case unsigned(bits: Int)
  case decimal(scale: Int, precision: Int)
  case time(Digits)
  case timestamp(Digits, isUTC: Bool)
  /// Types of which no JSON can be made.
  case bson, interval

  /// Reads the union `LogicalType` of parquet.thrift; nil for what adds nothing to the stored type.
  init?(_ reader: inout CompactReader, _ fields: CompactReader.Fields) throws(Problem) {
    var fields = fields
    var meaning: Meaning?
    while let field = try fields.next(&reader) {
      switch field.id {
      case 5:
        let numbers = try Self.integers(&reader, try reader.fields(of: field))
        meaning = .decimal(scale: numbers[1, default: 0], precision: numbers[2, default: 0])
        continue
      case 7, 8:
        let (digits, isUTC) = try Self.moment(&reader, try reader.fields(of: field))
        meaning = field.id == 7 ? .time(digits) : .timestamp(digits, isUTC: isUTC)
        continue
      case 10:
        let (bits, isSigned) = try Self.integerType(&reader, try reader.fields(of: field))
        meaning = isSigned ? nil : .unsigned(bits: bits)
        continue
      case 1, 4: meaning = .text
      case 2: meaning = .map
      case 3: meaning = .list
      case 6: meaning = .date
      case 12: meaning = .json
      case 13: meaning = .bson
      case 14: meaning = .uuid
      case 15: meaning = .float16
      default: break
      }
      try reader.skip(field)
    }
    guard let meaning else { return nil }
    self = meaning
  }

  /// The meaning of a `ConvertedType` of parquet.thrift; nil for what adds nothing to the stored type.
  init?(convertedType: Int, scale: Int, precision: Int) {
    switch convertedType {
    case 0, 4: self = .text
    case 1, 2: self = .map
    case 3: self = .list
    case 5: self = .decimal(scale: scale, precision: precision)
    case 6: self = .date
    case 7: self = .time(3)
    case 8: self = .time(6)
    case 9: self = .timestamp(3, isUTC: true)
    case 10: self = .timestamp(6, isUTC: true)
    case 11, 12, 13: self = .unsigned(bits: 32)
    case 14: self = .unsigned(bits: 64)
    case 19: self = .json
    case 20: self = .bson
    case 21: self = .interval
    default: return nil
    }
  }

  private static func integers(
    _ reader: inout CompactReader, _ fields: CompactReader.Fields
  ) throws(Problem) -> [Int: Int] {
    var (fields, numbers) = (fields, [Int: Int]())
    while let field = try fields.next(&reader) { numbers[field.id] = try reader.integer(field) }
    return numbers
  }

  private static func moment(
    _ reader: inout CompactReader, _ fields: CompactReader.Fields
  ) throws(Problem) -> (Digits, isUTC: Bool) {
    var (fields, digits, isUTC) = (fields, 0, false)
    while let field = try fields.next(&reader) {
      switch field.id {
      case 1: isUTC = try reader.bool(field)
      case 2:
        var units = try reader.fields(of: field)
        while let unit = try units.next(&reader) {
          digits = unit.id * 3
          try reader.skip(unit)
        }
      default: try reader.skip(field)
      }
    }
    guard [3, 6, 9].contains(digits) else { throw Problem("a time has an unknown unit") }
    return (digits, isUTC)
  }

  private static func integerType(
    _ reader: inout CompactReader, _ fields: CompactReader.Fields
  ) throws(Problem) -> (bits: Int, isSigned: Bool) {
    var (fields, bits, isSigned) = (fields, 64, true)
    while let field = try fields.next(&reader) {
      switch field.id {
      case 1: bits = try reader.integer(field)
      case 2: isSigned = try reader.bool(field)
      default: try reader.skip(field)
      }
    }
    return (bits, isSigned)
  }
}
