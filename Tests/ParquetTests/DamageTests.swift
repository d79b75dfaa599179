import CZlib
import JSON
import Parquet
import Testing

/// Files that are damaged, cut off, or made to do harm end in an error that says what is wrong.
@Suite struct DamageTests {
  typealias Element = HandmadeFile.Element
  typealias Page = HandmadeFile.Page
  typealias Column = HandmadeFile.Column

  static let text = Element(name: "x", type: 6)

  /// A column of one page.
  static func file(_ page: Page, of element: Element = text, rows: Int, codec: Int = 0) -> HandmadeFile {
    let column = Column(pages: [page], count: max(1, page.count), type: element.type ?? 6, codec: codec)
    return .flat(element, column, rows: rows)
  }

  @Test func checksThatTheHelpersWriteWholeFiles() throws {
    #expect(try failure(of: Self.file(Page(body: plain("a"), count: 1), rows: 1).bytes) == nil)
  }

  @Test(arguments: [
    ("", "not a Parquet file: it has only 0 bytes"),
    (#"{"prompt": "a", "chosen": "b"}"#, "not a Parquet file: it does not begin with 'PAR1'"),
    ("PARE............PARE", "the file is encrypted, which is not supported"),
    ("PAR1............PARE", "the file is encrypted, which is not supported"),
    ("PAR1................", "the file does not end as Parquet files do: it was cut off"),
    ("PAR1....\u{7F}\u{7F}\u{7F}\u{7F}PAR1", "the footer's length of 2139062143 bytes cannot be: the file is damaged"),
    ("PAR1....\u{4}\0\0\0PAR1", "the footer cannot be read: a field is of an unknown kind (14)"),
  ])
  func refusesWhatIsNotParquet(text: String, problem: String) throws {
    #expect(try failure(of: Array(text.utf8)) == problem)
  }

  @Test func refusesMissingFileAndFolder() {
    #expect(failure(at: "/no/such/file") == "No such file or directory")
    #expect(failure(at: "/") == "Parquet is read from files only: this is a folder, a pipe or a device")
  }

  @Test func refusesEncryptedColumnsAndFooters() throws {
    var file = Self.file(Page(body: plain("a"), count: 1), rows: 1)
    file.columns[0].isEncrypted = true
    #expect(try failure(of: file.bytes) == "column 'x': the column is encrypted, which is not supported")
    file.isEncrypted = true
    #expect(
      try failure(of: file.bytes) == "the footer cannot be read: the file is encrypted, which is not supported")
  }

  @Test func checksPageChecksums() throws {
    let body = plain("a")
    let right = Int(crc32(0, body, UInt32(body.count)))
    // The format keeps it as a signed number.
    let signed = Int(Int32(truncatingIfNeeded: right))
    #expect(try failure(of: Self.file(Page(body: body, count: 1, checksum: signed), rows: 1).bytes) == nil)
    #expect(
      try failure(of: Self.file(Page(body: body, count: 1, checksum: signed ^ 1), rows: 1).bytes)
        == "column 'x': a page's checksum is wrong: the file is damaged")
  }

  @Test(arguments: [
    (Page(body: plain("a"), count: 1, packedCount: 1 << 20), "a page is longer than its column"),
    (Page(body: plain("a"), count: 1, packedCount: 1 << 30), "a page of 1073741824 bytes is longer than 256 MB"),
    (Page(body: plain("a"), count: 1, unpackedCount: 1 << 30), "a page of 1073741824 bytes is longer than 256 MB"),
    (Page(body: plain("a"), count: 1, unpackedCount: 4), "a page's two lengths differ although it is not packed"),
    (Page(body: plain("a"), count: 1, packedCount: -5), "a count is negative (-5)"),
    (Page(body: plain("a"), count: -1), "a count is negative (-1)"),
    (Page(body: [255, 255, 255, 255, 0], count: 1), "row 1: column 'x': the data end too early"),
    (Page(body: plain("a"), count: 1, encoding: 77), "encoding 77 is unknown"),
    (
      Page(body: plain("a"), count: 1, encoding: 5),
      "values of type byteArray are encoded as deltaBinaryPacked, which is not allowed"
    ),
    (
      Page(body: [1, 2, 0], count: 1, encoding: 8),
      "row 1: column 'x': a page refers to a dictionary, but the column has none"
    ),
    (Page(body: [40, 2, 0], count: 1, encoding: 8), "numbers of 40 bits are too wide"),
    (Page(body: [0, 1, 0, 0], count: 1, encoding: 6), "a delta block of 0 numbers in 1 parts is not allowed"),
    (Page(body: plain("a"), count: 1, type: 9), "a page's header is incomplete, or its type is unknown (9)"),
    (Page(body: [1, 0, 0, 0, 0xFF], count: 1), "row 1: column 'x': a text is not valid UTF-8"),
  ])
  func refusesBadPages(page: Page, problem: String) throws {
    let expected = problem.hasPrefix("row") ? problem : "column 'x': \(problem)"
    let element = Element(name: "x", type: 6, converted: 0)
    #expect(try failure(of: Self.file(page, of: element, rows: max(1, page.count)).bytes) == expected)
  }

  @Test(arguments: [
    (2, 3, "row 1: column 'x': value 3 of a dictionary of 2 does not exist"),
    (3, 0, "column 'x': the data end too early"),
    (1 << 30, 0, "column 'x': a dictionary of 1073741824 values has 10 bytes"),
  ])
  func refusesBadDictionaries(claimed: Int, index: UInt8, problem: String) throws {
    let dictionary = Page(body: plain("a", "b"), count: claimed, type: 2)
    let data = Page(body: [2, 2, index], count: 1, encoding: 8)
    let file = HandmadeFile.flat(Self.text, Column(pages: [dictionary, data], count: 1), rows: 1)
    #expect(try failure(of: file.bytes) == problem)
  }

  @Test func refusesRowsAndValuesThatDoNotAddUp() throws {
    let page = Page(body: plain("a", "b"), count: 2)
    #expect(
      try failure(of: Self.file(page, rows: 3).bytes) == "row 3: column 'x': the column ends before all rows have come")
    #expect(
      try failure(of: Self.file(page, rows: 1).bytes)
        == "row 1: column 'x': the column has more values than the row group has rows")
    #expect(try failure(of: Self.file(page, rows: -1).bytes) == "the footer cannot be read: a count is negative (-1)")
    var file = Self.file(page, rows: 2)
    file.columns[0].count = 1
    #expect(try failure(of: file.bytes) == "column 'x': the pages hold more values than the column")
    file.columns[0].count = 1 << 60
    #expect(try failure(of: file.bytes) == "row 2: column 'x': the column ends before all of its values have come")
  }

  @Test(arguments: [(1 << 40, 5), (Int.max, 5), (4, Int.max), (4, 1 << 40)])
  func refusesColumnsBeyondTheFile(offset: Int, length: Int) throws {
    var file = Self.file(Page(body: plain("a"), count: 1), rows: 1)
    file.columns[0].offset = offset
    file.columns[0].packedCount = length
    #expect(try failure(of: file.bytes)?.hasPrefix("column 'x': the column lies beyond the end of the file") == true)
  }

  @Test func refusesBadLevels() throws {
    let optional = Element(name: "x", type: 6, repetition: 1)
    // A level of 2 in a column that knows 0 and 1.
    let tooHigh = Self.file(Page(body: levels(2) + plain("a"), count: 1), of: optional, rows: 1)
    #expect(try failure(of: tooHigh.bytes) == "column 'x': level 2 is more than the schema's 1")
    // The first value goes on with a list of the row before.
    let repeated = Element(name: "x", type: 6, repetition: 2)
    let orphan = Self.file(Page(body: levels(1) + levels(1) + plain("a"), count: 1), of: repeated, rows: 1)
    #expect(try failure(of: orphan.bytes) == "row 1: column 'x': a list goes on from one row to the next")
  }

  @Test func refusesColumnsThatContradictEachOther() throws {
    func file(_ first: [UInt8], _ second: [UInt8], count: Int) -> HandmadeFile {
      HandmadeFile(
        schema: [
          Element(name: "root", children: 1), Element(name: "list", repetition: 2, children: 2),
          Element(name: "a", type: 6), Element(name: "b", type: 6),
        ],
        columns: [
          Column(pages: [Page(body: first, count: 2)], count: 2),
          Column(pages: [Page(body: second, count: count)], count: count),
        ], rowCount: 1)
    }
    let two = levels(0, 1) + levels(1, 1) + plain("a", "b")
    #expect(try failure(of: file(two, two, count: 2).bytes) == nil)
    let expected = "row 1: column 'list.b': its levels contradict those of other columns: the file is damaged"
    #expect(try failure(of: file(two, levels(0) + levels(1) + plain("a"), count: 1).bytes) == expected)
    #expect(try failure(of: file(two, levels(0) + levels(0), count: 1).bytes) == expected)
  }

  @Test(arguments: [
    ([Element(name: "root", type: 6)], "the schema has no root"),
    ([Element(name: "root", children: 0)], "the file has no columns"),
    ([Element(name: "root", children: 2), text], "the schema lacks fields that it announces"),
    ([Element(name: "root", children: 1 << 50), text], "the schema lacks fields that it announces"),
    ([Element(name: "root", children: 1), text, text], "the schema has fields outside of its root"),
    ([Element(name: "root", children: 1), Element(name: "g")], "the group 'g' has no fields"),
    ([Element](repeating: Element(name: "g", children: 1), count: 5000), "the schema is more than 100 deep"),
    ([Element(name: "root", children: 2), text, text], "a row group does not have the schema's 2 columns"),
  ])
  func refusesBadSchemas(schema: [Element], problem: String) throws {
    var file = Self.file(Page(body: plain("a"), count: 1), rows: 1)
    file.schema = schema
    #expect(try failure(of: file.bytes) == problem)
  }

  @Test(arguments: [
    (Element(name: "x", type: 12), "the type of the column is unknown"),
    (Element(name: "x", type: 7, typeLength: 0), "values of 0 bytes are not supported"),
    (Element(name: "x", type: 7, typeLength: 1 << 30), "values of 1073741824 bytes are not supported"),
    (
      Element(name: "x", type: 6, converted: 9),
      "values stored as byteArray cannot be of the type that the schema gives them"
    ),
    (
      Element(name: "x", type: 1, converted: 5), "decimals with 0 digits, 0 of them behind the point, are not supported"
    ),
    (Element(name: "x", type: 7, converted: 21, typeLength: 12), "interval values are not supported"),
    (Element(name: "x", type: 6, converted: 20), "BSON values are not supported"),
  ])
  func refusesTypesWithoutJSON(element: Element, problem: String) throws {
    let page = Page(body: plain("abcdefgh"), count: 1)
    let found = try #require(try failure(of: Self.file(page, of: element, rows: 1).bytes))
    #expect(found.hasSuffix("column 'x': \(problem)"))
  }

  @Test func refusesTwoColumnsOfOneName() throws {
    var file = Self.file(Page(body: plain("a"), count: 1), rows: 1)
    file.schema = [Element(name: "root", children: 2), Self.text, Self.text]
    file.columns.append(file.columns[0])
    #expect(try failure(of: file.bytes) == "column 'x': two columns have this name")
  }

  /// One page of a few bytes that stands for a list of two billion nulls.
  @Test func refusesRowsThatFillTheMemory() throws {
    let count = Int(Int32.max)
    let repetition: [UInt8] = [2, 0] + varint(UInt64(count - 1) << 1) + [1]
    let definition: [UInt8] = varint(UInt64(count) << 1) + [1]
    let body =
      littleEndian(UInt32(repetition.count)) + repetition + littleEndian(UInt32(definition.count)) + definition
    let schema = [
      Element(name: "root", children: 1), Element(name: "x", repetition: 2, children: 1),
      Element(name: "y", type: 1, repetition: 1),
    ]
    let column = Column(pages: [Page(body: body, count: count)], count: count, type: 1)
    let file = HandmadeFile(schema: schema, columns: [column], rowCount: 1)
    #expect(try failure(of: file.bytes, maximumRowLength: 1 << 24) == "row 1: the row is longer than 16 MB")
  }

  /// Packed data that hold more, or less, than the header says.
  @Test(arguments: [1, 2, 6]) func refusesPackedPagesOfAnotherLength(codec: Int) throws {
    let name = ["", "snappy", "gzip", "", "", "", "zstd"][codec]
    #expect(try failure(of: Fixtures.bytes("nested@\(name)-v1-plain")) == nil)
    var page = Page(body: Array(repeating: 0x55, count: 40), count: 1)
    page.unpackedCount = 200 << 20
    let found = try #require(try failure(of: Self.file(page, rows: 1, codec: codec).bytes))
    let expected = [
      "", "a page unpacks to 85 bytes", "the gzip data are damaged", "", "", "", "the Zstandard data are",
    ]
    #expect(found.hasPrefix("column 'x': " + expected[codec]))
  }
}
