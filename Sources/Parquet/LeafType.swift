/// The type of a column's values: how they are stored, and what they mean.
struct LeafType {
  let physical: PhysicalType
  let meaning: Meaning?
  /// Bytes a value, as stored; 0 where that differs from value to value, or is less than one.
  let width: Int

  init(_ element: SchemaElement) throws(Problem) {
    guard let code = element.physicalType, let physical = PhysicalType(rawValue: code) else {
      throw Problem("the type of the column is unknown")
    }
    self.physical = physical
    meaning = element.meaning
    width =
      switch physical {
      case .boolean, .byteArray: 0
      case .int32, .float: 4
      case .int64, .double: 8
      case .int96: 12
      case .fixedLengthByteArray: element.typeLength
      }
    guard physical != .fixedLengthByteArray || 1...(1 << 20) ~= width else {
      throw Problem("values of \(width) bytes are not supported")
    }
    try checkMeaning()
  }

  /// Refuses meanings that the stored type cannot have.
  private func checkMeaning() throws(Problem) {
    let isAllowed: Bool
    switch meaning {
    case nil: isAllowed = true
    case .list, .map: isAllowed = false
    case .text, .json, .bson: isAllowed = physical == .byteArray || physical == .fixedLengthByteArray
    case .date: isAllowed = physical == .int32
    case .uuid: isAllowed = physical == .fixedLengthByteArray && width == 16
    case .float16: isAllowed = physical == .fixedLengthByteArray && width == 2
    case .interval: isAllowed = physical == .fixedLengthByteArray && width == 12
    case .unsigned(let bits): isAllowed = physical == (bits == 64 ? .int64 : .int32)
    case .time(let digits): isAllowed = physical == (digits == 3 ? .int32 : .int64)
    case .timestamp: isAllowed = physical == .int64
    case .decimal(let scale, let precision):
      guard precision > 0, 0...precision ~= scale, precision <= 1000 else {
        throw Problem("decimals with \(precision) digits, \(scale) of them behind the point, are not supported")
      }
      isAllowed = [.int32, .int64, .byteArray, .fixedLengthByteArray].contains(physical)
    }
    guard isAllowed else {
      throw Problem("values stored as \(physical) cannot be of the type that the schema gives them")
    }
  }
}

/// How a column's values are stored, by its number in parquet.thrift.
enum PhysicalType: Int {
  case boolean = 0
  case int32, int64, int96, float, double, byteArray, fixedLengthByteArray
}
