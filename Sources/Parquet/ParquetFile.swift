/// A Parquet file (https://parquet.apache.org/docs/file-format/).
///
/// Its footer is read when it is opened; columns are read, a page at a time, when rows are asked for.
///
///     let rows = try ParquetFile("pairs.parquet").rows()
///     while let row = try rows.next() { … }
public final class ParquetFile {
  /// How many rows it holds.
  public var rowCount: Int { metadata.rowCount }

  /// How many bytes it has.
  public var size: Int { file.count }

  private let file: InputFile
  private let metadata: FileMetadata
  private let root: SchemaNode

  private static let magic = Array("PAR1".utf8)
  private static let encryptedMagic = Array("PARE".utf8)
  /// The longest footer: room for tens of thousands of columns.
  private static let maximumFooterLength = 256 << 20

  /// Opens the file and reads its footer.
  /// - Throws: `ParquetError` for a file that cannot be opened, is not Parquet, is encrypted, or has a damaged footer.
  public init(_ path: String) throws(ParquetError) {
    do throws(Problem) {
      let file = try InputFile(path)
      let metadata = try Self.readFooter(file)
      let (root, leafCount) = try SchemaNode.tree(of: metadata.schema)
      guard metadata.rowGroups.allSatisfy({ $0.chunks.count == leafCount }) else {
        throw Problem("a row group does not have the schema's \(leafCount) columns")
      }
      (self.file, self.metadata, self.root) = (file, metadata, root)
    } catch {
      throw ParquetError(path, error.text)
    }
  }

  /// The rows in order, from the first.
  /// - Parameters:
  ///   - fields: the fields to read, each a path of names as in a row's JSON; nil for all. Columns without any of them
  ///     are not read from the disk. Where a group, or the row, has none of the wanted fields, it is read whole.
  ///   - maximumRowLength: the longest row, in bytes of memory, about; a bound for what a file can ask for.
  /// - Throws: `ParquetError` for columns of a type of which no JSON can be made.
  public func rows(
    _ fields: [[String]]? = nil, maximumRowLength: Int = 256 << 20
  ) throws(ParquetError) -> ParquetRows {
    let allowance = Self.allowance(forSize: file.count)
    guard metadata.rowCount <= allowance / ParquetRows.valueLength else {
      throw ParquetError(file.path, "promises \(metadata.rowCount) rows, more than a file of \(file.count) bytes holds")
    }
    let shape = try RowShapeBuilder(file: file).shape(of: root, Projection(fields))
    return ParquetRows(
      shape, metadata.rowGroups, path: file.path, maximumRowLength: maximumRowLength, allowance: allowance)
  }

  /// How many bytes of memory all rows together may take, one after the other: a bound for the work that a file can ask for. Texts
  /// that stand once in a dictionary, and are meant a thousand times, stay within it.
  private static func allowance(forSize size: Int) -> Int { 256 << 20 + min(size, 1 << 50) * 1024 }

  private static func readFooter(_ file: InputFile) throws(Problem) -> FileMetadata {
    let memory = PageMemory()
    func read(at offset: Int, _ count: Int) throws(Problem) -> UnsafeRawBufferPointer {
      try memory.reserve(max(count, 8))
      let bytes = UnsafeMutableRawBufferPointer(rebasing: memory.bytes.prefix(count))
      try file.read(at: offset, into: bytes)
      return UnsafeRawBufferPointer(bytes)
    }
    guard file.count >= 12 else { throw Problem("not a Parquet file: it has only \(file.count) bytes") }
    let isEncrypted = Problem("the file is encrypted, which is not supported")
    let head = try read(at: 0, 4)
    if head.elementsEqual(encryptedMagic) { throw isEncrypted }
    guard head.elementsEqual(magic) else { throw Problem("not a Parquet file: it does not begin with 'PAR1'") }
    let end = try read(at: file.count - 8, 8)
    if end.suffix(4).elementsEqual(encryptedMagic) { throw isEncrypted }
    guard end.suffix(4).elementsEqual(magic) else {
      throw Problem("the file does not end as Parquet files do: it was cut off")
    }
    let length = Int(UInt32(littleEndian: end.loadUnaligned(as: UInt32.self)))
    guard length <= file.count - 12, length <= maximumFooterLength else {
      throw Problem("the footer's length of \(length) bytes cannot be: the file is damaged")
    }
    do {
      return try FileMetadata(try read(at: file.count - 8 - length, length))
    } catch {
      throw Problem("the footer cannot be read: \(error.text)")
    }
  }
}
