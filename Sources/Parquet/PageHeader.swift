/// What stands before each page.
struct PageHeader {
  /// The two layouts of data pages.
  enum Content {
    case dictionary
    case data(definitionEncoding: Int, repetitionEncoding: Int)
    case dataV2(definitionCount: Int, repetitionCount: Int, isPacked: Bool)
    case index
  }

  private(set) var content = Content.index
  private(set) var valueCount = 0
  private(set) var encoding = 0
  private(set) var unpackedCount = 0
  private(set) var packedCount = 0
  private(set) var checksum: UInt32?
  /// The header's own length.
  private(set) var length = 0

  /// Reads the structure `PageHeader` of parquet.thrift from the front of `bytes`.
  init(_ bytes: UnsafeRawBufferPointer) throws(Problem) {
    var reader = CompactReader(bytes)
    var fields = reader.fields()
    var type: Int?
    var contents: [Int: Content] = [1: .index]
    while let field = try fields.next(&reader) {
      switch field.id {
      case 1: type = try reader.integer(field)
      case 2: unpackedCount = try reader.count(field)
      case 3: packedCount = try reader.count(field)
      case 4: checksum = UInt32(truncatingIfNeeded: try reader.integer(field))
      case 5: contents[0] = try dataPage(&reader, try reader.fields(of: field))
      case 7: contents[2] = try dictionaryPage(&reader, try reader.fields(of: field))
      case 8: contents[3] = try dataPageV2(&reader, try reader.fields(of: field))
      default: try reader.skip(field)
      }
    }
    guard let type, let content = contents[type] else {
      throw Problem("a page's header is incomplete, or its type is unknown (\(type.map(String.init) ?? "none"))")
    }
    self.content = content
    length = bytes.count - reader.cursor.count
  }

  private mutating func dataPage(
    _ reader: inout CompactReader, _ fields: CompactReader.Fields
  ) throws(Problem) -> Content {
    var (fields, definition, repetition) = (fields, Encoding.runs.rawValue, Encoding.runs.rawValue)
    while let field = try fields.next(&reader) {
      switch field.id {
      case 1: valueCount = try reader.count(field)
      case 2: encoding = try reader.integer(field)
      case 3: definition = try reader.integer(field)
      case 4: repetition = try reader.integer(field)
      default: try reader.skip(field)
      }
    }
    return .data(definitionEncoding: definition, repetitionEncoding: repetition)
  }

  private mutating func dictionaryPage(
    _ reader: inout CompactReader, _ fields: CompactReader.Fields
  ) throws(Problem) -> Content {
    var fields = fields
    while let field = try fields.next(&reader) {
      switch field.id {
      case 1: valueCount = try reader.count(field)
      case 2: encoding = try reader.integer(field)
      default: try reader.skip(field)
      }
    }
    return .dictionary
  }

  private mutating func dataPageV2(
    _ reader: inout CompactReader, _ fields: CompactReader.Fields
  ) throws(Problem) -> Content {
    var (fields, definition, repetition, isPacked) = (fields, 0, 0, true)
    while let field = try fields.next(&reader) {
      switch field.id {
      case 1: valueCount = try reader.count(field)
      case 4: encoding = try reader.integer(field)
      case 5: definition = try reader.count(field)
      case 6: repetition = try reader.count(field)
      case 7: isPacked = try reader.bool(field)
      default: try reader.skip(field)
      }
    }
    return .dataV2(definitionCount: definition, repetitionCount: repetition, isPacked: isPacked)
  }
}
