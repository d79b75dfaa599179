import Datasets
import TestSupport
import Testing

@Suite struct GzipTests {
  let scratch: TemporaryFolder
  let lines = (1...20_000).map { "{\"number\": \($0)}\n" }

  init() throws { scratch = try TemporaryFolder() }

  @Test func readsMembersThatFollowOneAnother() throws {
    let members = stride(from: 0, to: lines.count, by: 5_000).map { start in
      gzip(lines[start..<start + 5_000].joined().utf8)
    }
    let path = try scratch.write(members.joined(), to: "x.jsonl.gz")
    let records = try DatasetReader<AnyRecord>([path]).readAll()
    #expect(records.map { $0.text + "\n" } == lines)
    #expect(records.map(\.line) == Array(1...20_000))
  }

  @Test func readsLineAcrossMembersAndEmptyMembers() throws {
    let path = try scratch.write(
      gzip("{\"a\":".utf8) + gzip([]) + gzip(" 1}\n{}".utf8) + gzip([]), to: "x.jsonl.gz")
    #expect(try DatasetReader<AnyRecord>([path]).readAll().map(\.text) == [#"{"a": 1}"#, "{}"])
  }

  @Test func knowsGzipWithoutItsEnding() throws {
    let path = try scratch.write(gzip("{}\n".utf8), to: "x.jsonl")
    #expect(try DatasetReader<AnyRecord>([path]).readAll().count == 1)
  }

  @Test func unpacksWhatIsFarLargerThanItsInput() throws {
    let text = "{\"a\": \"\(String(repeating: "x", count: 20 << 20))\"}"
    let path = try scratch.write(gzip(text.utf8), to: "x.jsonl.gz")
    #expect(try DatasetReader<AnyRecord>([path]).readAll().first?.text.utf8.count == text.utf8.count)
  }

  @Test func cutOffAnywhereIsAnError() throws {
    let whole = gzip(lines[..<50].joined().utf8)
    for count in 0..<whole.count {
      let path = try scratch.write(whole.prefix(count), to: "x.jsonl.gz")
      let message = "x.jsonl.gz: the gzip data ends too early: the file was cut off"
      #expect(scratch.error(reading: path, as: AnyRecord.self) == message)
    }
  }

  @Test func secondMemberCutOffIsAnError() throws {
    let path = try scratch.write(gzip("{}\n".utf8) + gzip("{}\n".utf8).dropLast(3), to: "x.jsonl.gz")
    let message = "x.jsonl.gz: the gzip data ends too early: the file was cut off"
    #expect(scratch.error(reading: path, as: AnyRecord.self) == message)
  }

  @Test func damagedBytesAreAnErrorEvenWhenSkipping() throws {
    let whole = gzip(lines.joined().utf8)
    // The last eight bytes are the checksum and the length.
    for index in [whole.count / 2, whole.count - 6, whole.count - 1] {
      var damaged = whole
      damaged[index] ^= 0x55
      let path = try scratch.write(damaged, to: "x.jsonl.gz")
      let error = #expect(throws: DatasetError.self) {
        try DatasetReader<AnyRecord>([path], skipInvalid: true).readAll()
      }
      let message = try #require(error.map { scratch.relative($0.description) })
      #expect(message.hasPrefix("x.jsonl.gz: the gzip data is damaged ("))
    }
  }

  @Test func otherDataIsAnError() throws {
    let plain = try scratch.write("{}\n", to: "plain.jsonl.gz")
    #expect(scratch.error(reading: plain, as: AnyRecord.self) == "plain.jsonl.gz: the file is not gzip")
    let mixed = try scratch.write(gzip("{}\n".utf8) + Array("{}\n".utf8), to: "mixed.jsonl.gz")
    let message = "mixed.jsonl.gz: other data follows the end of the gzip data"
    #expect(scratch.error(reading: mixed, as: AnyRecord.self) == message)
  }
}
