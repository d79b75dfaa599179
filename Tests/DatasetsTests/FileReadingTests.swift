import Datasets
import Foundation
import TestSupport
import Testing

/// How files are cut into records, whatever these hold.
@Suite struct FileReadingTests {
  let scratch: TemporaryFolder

  init() throws { scratch = try TemporaryFolder() }

  func read(_ paths: String...) throws -> [AnyRecord] { try DatasetReader<AnyRecord>(paths).readAll() }

  @Test(arguments: [
    "{\"a\": 1}\n{\"b\": 2}\n", "{\"a\": 1}\n{\"b\": 2}", "{\"a\": 1}\r\n{\"b\": 2}\r\n",
    "\u{FEFF}{\"a\": 1}\n{\"b\": 2}",
  ])
  func readsLines(text: String) throws {
    let expected = [AnyRecord(#"{"a": 1}"#, line: 1), AnyRecord(#"{"b": 2}"#, line: 2)]
    #expect(try read(scratch.write(text, to: "x.jsonl")) == expected)
    #expect(try read(scratch.write(gzip(text.utf8), to: "x.jsonl.gz")) == expected)
    #expect(try read(scratch.write(text, to: "x.json")) == expected)
  }

  @Test func passesOverBlankLinesAndCountsThem() throws {
    let path = try scratch.write("\n  \n{}\n\r\n\t{} \n\n", to: "x.jsonl")
    #expect(try read(path) == [AnyRecord("{}", line: 3), AnyRecord("{}", line: 5)])
  }

  @Test(arguments: [
    "[{\"a\": 1}, {\"b\": 2}]", "[{\"a\": 1},{\"b\": 2}]\n", "\u{FEFF} [ {\"a\": 1} , {\"b\": 2} ] ",
  ])
  func readsList(text: String) throws {
    let expected = [AnyRecord(#"{"a": 1}"#, line: 1), AnyRecord(#"{"b": 2}"#, line: 1)]
    #expect(try read(scratch.write(text, to: "x.json")) == expected)
    #expect(try read(scratch.write(gzip(text.utf8), to: "x.json.gz")) == expected)
  }

  @Test func knowsLinesWithinList() throws {
    let path = try scratch.write("\n[\n  {\n    \"a\": [1, \"],\\\"[{\"]\n  },\n\n  2\n]\n", to: "x.json")
    #expect(try read(path) == [AnyRecord(#"{"a": [1, "],\"[{"]}"#, line: 3), AnyRecord("2", line: 7)])
  }

  @Test(arguments: [
    ("[{} {}]", "x.json:1: not valid JSON: column 4: text after the end of the value"),
    ("[{},]", "x.json:1: not valid JSON: column 1: the text ends where a value was expected"),
    ("[\n{},\n{\n\"a\" 1}]", "x.json:4: not valid JSON: column 5: ':' was expected after the key"),
    ("[{}", "x.json: the file ends inside its list: it was cut off while it was written"),
    ("[{}, {\"a]", "x.json: the file ends inside its list: it was cut off while it was written"),
    ("[{}]\n{}", "x.json:2: text after the end of the list"),
    ("[}]", "x.json:1: not valid JSON: column 1: a value was expected"),
    ("[]", "x.json: no records found"),
  ])
  func saysWhatIsWrongWithList(text: String, message: String) throws {
    #expect(try scratch.error(reading: scratch.write(text, to: "x.json"), as: AnyRecord.self) == message)
  }

  @Test(arguments: [
    ("{}\n{\"a\": \"unfini", "x.jsonl:2: the last line is incomplete: the file was cut off while it was written"),
    ("{}\n{\"a\": {}", "x.jsonl:2: the last line is incomplete: the file was cut off while it was written"),
    ("{}\n{\"a\": tr", "x.jsonl:2: the last line is incomplete: the file was cut off while it was written"),
    ("{}\n{a: 1}", "x.jsonl:2: not valid JSON: column 2: a key in quotes was expected"),
    ("{\"a\": \"unfini\n{}\n", "x.jsonl:1: not valid JSON: column 14: the text ends inside a string"),
    ("{}\n\0\0\0\0", "x.jsonl:2: the line holds NUL bytes: the file is damaged, or its text is not UTF-8"),
    ("{\"a\": \"\0\"}\n", "x.jsonl:1: the line holds NUL bytes: the file is damaged, or its text is not UTF-8"),
    ("{\"a\": \"\\ud83d\"}\n", "x.jsonl:1: not valid JSON: column 14: a lone surrogate in a string"),
    ("", "x.jsonl: no records found"), ("\n \n", "x.jsonl: no records found"),
  ])
  func saysWhatIsWrongWithLine(text: String, message: String) throws {
    #expect(try scratch.error(reading: scratch.write(text, to: "x.jsonl"), as: AnyRecord.self) == message)
  }

  @Test func refusesInvalidUTF8() throws {
    let path = try scratch.write(Array("{}\n{\"a\": \"".utf8) + [0xC3, 0x28] + Array("\"}\n".utf8), to: "x.jsonl")
    let message = "x.jsonl:2: not valid JSON: column 10: the string is not valid UTF-8"
    #expect(scratch.error(reading: path, as: AnyRecord.self) == message)
  }

  @Test func refusesUTF16() throws {
    let path = try scratch.write([0xFF, 0xFE] + "{}\n".utf8.flatMap { [$0, 0] }, to: "x.jsonl")
    let message = "x.jsonl:1: the line holds NUL bytes: the file is damaged, or its text is not UTF-8"
    #expect(scratch.error(reading: path, as: AnyRecord.self) == message)
  }

  @Test func bytesMissingFromTheEndAreNeverOverlooked() throws {
    let text = "{\"a\": \"é\\n\", \"b\": [1, {\"c\": null}]}"
    for count in 1..<text.utf8.count {
      let path = try scratch.write(text.utf8.prefix(count), to: "x.jsonl")
      let message = "x.jsonl:1: the last line is incomplete: the file was cut off while it was written"
      #expect(scratch.error(reading: path, as: AnyRecord.self) == message)
    }
  }

  @Test func readsLinesLongerThanItsBuffer() throws {
    let texts = [300_000, 5, 700_000, 262_143, 0, 262_144].map { "{\"a\": \"\(String(repeating: "x", count: $0))\"}" }
    let joined = texts.joined(separator: "\n")
    #expect(try read(scratch.write(joined, to: "x.jsonl")).map(\.text) == texts)
    #expect(try read(scratch.write(gzip(joined.utf8), to: "x.jsonl.gz")).map(\.text) == texts)
    #expect(try read(scratch.write("[\(texts.joined(separator: ","))]", to: "x.json")).map(\.text) == texts)
  }

  @Test func refusesEndlessRecords() throws {
    let text = "{\"a\": \"\(String(repeating: "x", count: 5 << 20))\"}"
    let bomb = try scratch.write(gzip("{}\n\(text)".utf8), to: "x.jsonl.gz")
    let list = try scratch.write("[{},\n\(text)]", to: "x.json")
    for (path, message) in [
      (bomb, "x.jsonl.gz:2: the line is longer than 1 MB"), (list, "x.json:2: the record is longer than 1 MB"),
    ] {
      let reader = try DatasetReader<AnyRecord>([path], skipInvalid: true, maximumRecordLength: 1 << 20)
      let error = #expect(throws: DatasetError.self) { try reader.readAll() }
      #expect(error.map { scratch.relative($0.description) } == message)
    }
  }

  @Test func refusesDeepNesting() throws {
    let path = try scratch.write("{\"a\":" + String(repeating: "[", count: 1_000_000) + "\n", to: "x.jsonl")
    let message = "x.jsonl:1: not valid JSON: column 518: nested more than 512 deep"
    #expect(scratch.error(reading: path, as: AnyRecord.self) == message)
  }
}
