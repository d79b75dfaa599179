import JSON
import Parquet
import Testing

/// What old and unusual writers put into files.
@Suite struct HandmadeFileTests {
  typealias Element = HandmadeFile.Element
  typealias Page = HandmadeFile.Page
  typealias Column = HandmadeFile.Column

  func rows(of file: HandmadeFile) throws -> [JSON] { try withFile(file.bytes) { try ParquetTests.rows($0) } }

  /// Three rows: a list of two, an empty list, null.
  func list(_ inner: [Element]) -> HandmadeFile {
    let body = levels(0, 1, 0, 0) + levels(2, 2, 1, 0) + plain("a", "b")
    return HandmadeFile(
      schema: [Element(name: "root", children: 1), Element(name: "list", repetition: 1, children: 1, converted: 3)]
        + inner,
      columns: [Column(pages: [Page(body: body, count: 4)], count: 4)], rowCount: 3)
  }

  @Test(arguments: [
    // The repeated field is the element itself.
    ([Element(name: "element", type: 6, repetition: 2, converted: 0)], #"["a", "b"]"#),
    // It is a group by a name that old writers gave to elements.
    (
      [Element(name: "array", repetition: 2, children: 1), Element(name: "x", type: 6)],
      #"[{"x": "a"}, {"x": "b"}]"#
    ),
    (
      [Element(name: "list_tuple", repetition: 2, children: 1), Element(name: "x", type: 6)],
      #"[{"x": "a"}, {"x": "b"}]"#
    ),
    // It is a group that stands around the element.
    ([Element(name: "bag", repetition: 2, children: 1), Element(name: "x", type: 6)], #"["a", "b"]"#),
  ])
  func readsListsOfTwoAndThreeLevels(inner: [Element], expected: String) throws {
    let found = try rows(of: list(inner)).map(\.text)
    #expect(found == [#"{"list": \#(expected)}"#, #"{"list": []}"#, #"{"list": null}"#])
  }

  @Test func readsRepeatedFieldWithoutList() throws {
    let body = levels(0, 1, 0) + levels(1, 1, 0) + plain("a", "b")
    let column = Column(pages: [Page(body: body, count: 3)], count: 3)
    let file = HandmadeFile.flat(Element(name: "tags", type: 6, repetition: 2), column, rows: 2)
    #expect(try rows(of: file) == [["tags": ["a", "b"]], ["tags": []]])
  }

  @Test func readsBitPackedLevels() throws {
    // 1, 0, 1, 1, 0, 0, 0, 0, 1 from the highest bit on.
    let body: [UInt8] = [0b1011_0000, 0b1000_0000] + plain("a", "b", "c", "d")
    let column = Column(pages: [Page(body: body, count: 9, levelEncoding: 4)], count: 9)
    let file = HandmadeFile.flat(Element(name: "x", type: 6, repetition: 1), column, rows: 9)
    let expected: [JSON] = ["a", .null, "b", "c", .null, .null, .null, .null, "d"]
    #expect(try rows(of: file) == expected.map { ["x": $0] })
  }

  @Test func readsDictionaryOfFormatVersionOne() throws {
    let dictionary = Page(body: plain("a", "b"), count: 2, encoding: 2, type: 2)
    // Width 1; a run of two 1s; eight packed ones.
    let data = Page(body: [1, 4, 1, 3, 0b0000_0110], count: 6, encoding: 2)
    let file = HandmadeFile.flat(
      Element(name: "x", type: 6), Column(pages: [dictionary, data], count: 6), rows: 6)
    #expect(try rows(of: file).compactMap { $0["x"]?.string } == ["b", "b", "a", "b", "b", "a"])
  }

  @Test func readsManyPagesWithEmptyOnesAmongThem() throws {
    let pages = (0..<300).map { Page(body: $0 % 3 == 1 ? [] : plain("\($0)"), count: $0 % 3 == 1 ? 0 : 1) }
    let file = HandmadeFile.flat(Element(name: "x", type: 6), Column(pages: pages, count: 200), rows: 200)
    let expected = (0..<300).filter { $0 % 3 != 1 }.map { JSON.object(["x": .string("\($0)")]) }
    #expect(try rows(of: file) == expected)
  }

  @Test func readsTextLongerThanTheWindow() throws {
    let text = String(repeating: "0123456789", count: 100_000)
    let pages = [Page(body: plain("a"), count: 1), Page(body: plain(text), count: 1)]
    let file = HandmadeFile.flat(Element(name: "x", type: 6), Column(pages: pages, count: 2), rows: 2)
    #expect(try rows(of: file) == [["x": "a"], ["x": .string(text)]])
  }

  @Test func unpacksSnappyThatOverlaps() throws {
    // 5 + 4 * 64 bytes: a literal, then copies of it that run into themselves.
    let value = String(repeating: "abc", count: 85) + "ab"
    let packed = varint(261) + [2 << 2] + littleEndian(257)[0..<3] + [0 << 2, 0, 2 << 2] + Array("abc".utf8)
    let copies: [UInt8] = Array([[UInt8]](repeating: [63 << 2 | 2, 3, 0], count: 3).joined()) + [61 << 2 | 2, 3, 0]
    var page = Page(body: packed + copies, count: 1)
    page.unpackedCount = 261
    let file = HandmadeFile.flat(
      Element(name: "x", type: 6), Column(pages: [page], count: 1, codec: 1), rows: 1)
    #expect(try rows(of: file) == [["x": .string(value)]])
  }

  /// A block of LZ4, raw, as Hadoop frames it (in two parts), and bare under the number of the framed codec.
  @Test func unpacksLZ4() throws {
    let value = String(repeating: "abc", count: 100)
    // The length of the text, its first three bytes, and 297 that copy from 3 bytes before; then no literals.
    let body = [7 << 4 | 15] + littleEndian(300) + Array("abc".utf8) + [3, 0, 255, 23, 0]
    func framed(_ block: [UInt8], _ count: Int) -> [UInt8] {
      littleEndian(UInt32(count).byteSwapped) + littleEndian(UInt32(block.count).byteSwapped) + block
    }
    let parts = framed([4 << 4] + littleEndian(300), 4) + framed([3 << 4 | 15] + body[5...], 300)
    for (packed, codec) in [(body, 7), (framed(body, 304), 5), (parts, 5), (body, 5)] {
      var page = Page(body: packed, count: 1)
      page.unpackedCount = 304
      let file = HandmadeFile.flat(Element(name: "x", type: 6), Column(pages: [page], count: 1, codec: codec), rows: 1)
      #expect(try rows(of: file) == [["x": .string(value)]])
    }
  }

  /// 25 hours after the beginning of 1970-01-01, and an hour before it.
  @Test func readsTimesThatLeaveTheirDay() throws {
    func moment(_ hours: Int64) -> [UInt8] {
      let nanoseconds = UInt64(bitPattern: hours * 3_600_000_000_000)
      return littleEndian(UInt32(truncatingIfNeeded: nanoseconds)) + littleEndian(UInt32(nanoseconds >> 32))
        + littleEndian(2_440_588)
    }
    let column = Column(pages: [Page(body: moment(25) + moment(-1), count: 2)], count: 2, type: 3)
    let file = HandmadeFile.flat(Element(name: "x", type: 3), column, rows: 2)
    #expect(try rows(of: file) == [["x": "1970-01-02T01:00:00"], ["x": "1969-12-31T23:00:00"]])
  }
}
