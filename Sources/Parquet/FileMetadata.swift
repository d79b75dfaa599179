/// A file's footer: its schema, and where its row groups lie.
struct FileMetadata {
  /// Rows whose columns lie together.
  struct RowGroup {
    var rowCount = 0
    /// One for each leaf of the schema, in its order.
    var chunks: [ColumnChunk] = []
  }

  /// The schema's elements, each group before its children.
  private(set) var schema: [SchemaElement] = []
  private(set) var rowCount = 0
  private(set) var rowGroups: [RowGroup] = []

  /// Reads the structure `FileMetaData` of parquet.thrift.
  init(_ bytes: UnsafeRawBufferPointer) throws(Problem) {
    var reader = CompactReader(bytes)
    var fields = reader.fields()
    while let field = try fields.next(&reader) {
      switch field.id {
      case 2: schema = try reader.structures(field) { (reader) throws(Problem) in try SchemaElement(&reader) }
      case 3: rowCount = try reader.count(field)
      case 4: rowGroups = try reader.structures(field) { (reader) throws(Problem) in try RowGroup(&reader) }
      case 8: throw Problem("the file is encrypted, which is not supported")
      default: try reader.skip(field)
      }
    }
    var counted = 0
    for group in rowGroups {
      let (sum, isTooLarge) = counted.addingReportingOverflow(group.rowCount)
      guard !isTooLarge else { throw Problem("the row groups have more rows than can be counted") }
      counted = sum
    }
    guard counted == rowCount else {
      throw Problem("the footer promises \(rowCount) rows, but its row groups have \(counted)")
    }
  }
}

extension FileMetadata.RowGroup {
  fileprivate init(_ reader: inout CompactReader) throws(Problem) {
    var fields = reader.fields()
    while let field = try fields.next(&reader) {
      switch field.id {
      case 1: chunks = try reader.structures(field) { (reader) throws(Problem) in try ColumnChunk(&reader) }
      case 3: rowCount = try reader.count(field)
      default: try reader.skip(field)
      }
    }
  }
}
