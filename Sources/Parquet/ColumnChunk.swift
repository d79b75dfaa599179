/// Where a column of a row group lies, and how it is packed.
struct ColumnChunk {
  private(set) var physicalType: Int?
  private(set) var codec = 0
  /// Values, with those that are null.
  private(set) var valueCount = 0
  /// The chunk's length in the file, in bytes.
  private(set) var packedCount = 0
  private(set) var dataOffset: Int?
  private(set) var dictionaryOffset: Int?
  private(set) var isEncrypted = false
  private(set) var isElsewhere = false

  /// Reads the structure `ColumnChunk` of parquet.thrift.
  init(_ reader: inout CompactReader) throws(Problem) {
    var fields = reader.fields()
    while let field = try fields.next(&reader) {
      switch field.id {
      case 1:
        isElsewhere = try !reader.text(field).isEmpty
      case 3: try readMetadata(&reader, try reader.fields(of: field))
      case 8, 9:
        isEncrypted = true
        try reader.skip(field)
      default: try reader.skip(field)
      }
    }
  }

  private mutating func readMetadata(
    _ reader: inout CompactReader, _ fields: CompactReader.Fields
  ) throws(Problem) {
    var fields = fields
    while let field = try fields.next(&reader) {
      switch field.id {
      case 1: physicalType = try reader.integer(field)
      case 4: codec = try reader.integer(field)
      case 5: valueCount = try reader.count(field)
      case 7: packedCount = try reader.count(field)
      case 9: dataOffset = try reader.count(field)
      case 11: dictionaryOffset = try reader.count(field)
      default: try reader.skip(field)
      }
    }
  }

  /// The chunk's place in the file.
  func range() throws(Problem) -> Range<Int> {
    guard !isEncrypted else { throw Problem("the column is encrypted, which is not supported") }
    guard !isElsewhere else { throw Problem("the column lies in another file, which is not supported") }
    guard var start = dataOffset else { throw Problem("the footer does not say where the column lies") }
    // Some writers put 0 where there is no dictionary.
    if let dictionaryOffset, dictionaryOffset > 0 { start = min(start, dictionaryOffset) }
    let (end, isTooLarge) = start.addingReportingOverflow(packedCount)
    guard !isTooLarge else { throw Problem("the column lies beyond the end of the file") }
    return start..<end
  }
}
