/// Parquet files put together by hand: such as pyarrow does not write, and such as lie.
struct HandmadeFile {
  /// A group or leaf of the schema.
  struct Element {
    var name: String
    var type: Int?
    /// 0 required, 1 optional, 2 repeated.
    var repetition = 0
    var children = 0
    var converted: Int?
    var typeLength: Int?
  }

  /// A page, its header as it should be unless something else is claimed.
  struct Page {
    var body: [UInt8]
    var count: Int
    var encoding = 0
    var type = 0
    var levelEncoding = 3
    var unpackedCount: Int?
    var packedCount: Int?
    var checksum: Int?
  }

  struct Column {
    var pages: [Page]
    var count: Int
    var type = 6
    var codec = 0
    var offset: Int?
    var packedCount: Int?
    var isEncrypted = false
  }

  var schema: [Element]
  var columns: [Column]
  var rowCount: Int
  var isEncrypted = false

  /// A file of one column without children.
  static func flat(_ element: Element, _ column: Column, rows: Int) -> HandmadeFile {
    HandmadeFile(schema: [Element(name: "root", children: 1), element], columns: [column], rowCount: rows)
  }

  var bytes: [UInt8] {
    var file = Array("PAR1".utf8)
    var chunks: [CompactWriter] = []
    for column in columns {
      let start = file.count
      for page in column.pages { file += Self.header(page).bytes + page.body }
      var metadata = CompactWriter()
      metadata.integer(1, column.type)
      metadata.integer(4, column.codec)
      metadata.integer(5, column.count)
      metadata.integer(7, column.packedCount ?? file.count - start)
      metadata.integer(9, column.offset ?? start)
      var chunk = CompactWriter()
      chunk.structure(3, metadata)
      if column.isEncrypted { chunk.structure(8, CompactWriter()) }
      chunks.append(chunk)
    }
    var group = CompactWriter()
    group.list(1, chunks)
    group.integer(3, rowCount)
    var footer = CompactWriter()
    footer.integer(1, 1)
    footer.list(2, schema.map(Self.element))
    footer.integer(3, rowCount)
    footer.list(4, [group])
    if isEncrypted { footer.structure(8, CompactWriter()) }
    let footerBytes = footer.bytes
    return file + footerBytes + littleEndian(UInt32(footerBytes.count)) + Array("PAR1".utf8)
  }

  private static func element(_ element: Element) -> CompactWriter {
    var writer = CompactWriter()
    if let type = element.type { writer.integer(1, type) }
    if let length = element.typeLength { writer.integer(2, length) }
    writer.integer(3, element.repetition)
    writer.text(4, element.name)
    if element.children > 0 { writer.integer(5, element.children) }
    if let converted = element.converted { writer.integer(6, converted) }
    return writer
  }

  private static func header(_ page: Page) -> CompactWriter {
    var content = CompactWriter()
    content.integer(1, page.count)
    content.integer(2, page.encoding)
    if page.type == 0 {
      content.integer(3, page.levelEncoding)
      content.integer(4, page.levelEncoding)
    }
    var header = CompactWriter()
    header.integer(1, page.type)
    header.integer(2, page.unpackedCount ?? page.body.count)
    header.integer(3, page.packedCount ?? page.body.count)
    if let checksum = page.checksum { header.integer(4, checksum) }
    header.structure(page.type == 2 ? 7 : 5, content)
    return header
  }
}

/// Writes Thrift's compact protocol.
struct CompactWriter {
  private var content: [UInt8] = []
  private var lastID = 0

  var bytes: [UInt8] { content + [0] }

  mutating func integer(_ id: Int, _ value: Int) {
    head(id, 6)
    content += varint(UInt64(bitPattern: Int64(value << 1 ^ value >> 63)))
  }

  mutating func text(_ id: Int, _ value: String) {
    head(id, 8)
    content += varint(UInt64(value.utf8.count)) + Array(value.utf8)
  }

  mutating func structure(_ id: Int, _ value: CompactWriter) {
    head(id, 12)
    content += value.bytes
  }

  mutating func list(_ id: Int, _ values: [CompactWriter]) {
    head(id, 9)
    content += [0xFC] + varint(UInt64(values.count)) + values.flatMap(\.bytes)
  }

  private mutating func head(_ id: Int, _ kind: UInt8) {
    content.append(UInt8(id - lastID) << 4 | kind)
    lastID = id
  }
}

func varint(_ value: UInt64) -> [UInt8] {
  value < 0x80 ? [UInt8(value)] : [UInt8(value & 0x7F) | 0x80] + varint(value >> 7)
}

func littleEndian(_ value: UInt32) -> [UInt8] { (0..<4).map { UInt8(truncatingIfNeeded: value >> UInt32(8 * $0)) } }

/// Byte strings in the encoding PLAIN.
func plain(_ texts: String...) -> [UInt8] { texts.flatMap { littleEndian(UInt32($0.utf8.count)) + Array($0.utf8) } }

/// Levels of at most 255, as runs with their length before them.
func levels(_ levels: UInt8...) -> [UInt8] {
  let runs: [UInt8] = levels.flatMap { [2, $0] as [UInt8] }
  return littleEndian(UInt32(runs.count)) + runs
}
