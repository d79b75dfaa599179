import Datasets
import Foundation
import TestSupport
import Testing

/// Files that hold something else than records, or records in another form than lines.
@Suite struct FileKindTests {
  let scratch: TemporaryFolder

  init() throws { scratch = try TemporaryFolder() }

  @Test(
    arguments: [
      (
        "version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 5\n",
        "is a Git LFS pointer, not the data; 'git lfs pull' in its repository fetches them"
      ),
      (
        "\n <!DOCTYPE HTML>\n<html>",
        "is a web page, not data; was it fetched by another link than the file's own, or without signing in?"
      ),
      ("<?xml version=\"1.0\"?>", "is XML or HTML, not JSON or Parquet"),
      (
        "ARROW1\0\0",
        "is an Arrow file; write it as Parquet, as datasets' Dataset.from_file(PATH).to_parquet(OTHER) does"
      ),
      ("PK\u{3}\u{4}abc", "is a zip archive; unpack it first"),
    ]) func isNamed(text: String, problem: String) throws
  {
    for name in ["x.jsonl", "x.jsonl.gz", "x.parquet", "x"] {
      let path = try scratch.write(text, to: name)
      #expect(scratch.error(reading: path, as: AnyRecord.self) == "\(name): \(problem)")
    }
    let packed = try scratch.write(gzip(text.utf8), to: "y")
    #expect(scratch.error(reading: packed, as: AnyRecord.self) == "y: \(problem)")
  }

  @Test func tablesAndPackedParquetAreNamed() throws {
    let table = try scratch.write("prompt,chosen\na,b\n", to: "x.csv")
    #expect(scratch.error(reading: table, as: AnyRecord.self)?.hasPrefix("x.csv: is a table of CSV; ") == true)
    let parquet = try scratch.write(gzip("PAR1".utf8), to: "x.parquet.gz")
    #expect(
      scratch.error(reading: parquet, as: AnyRecord.self)
        == "x.parquet.gz: is a Parquet file packed with gzip; unpack it first")
    let stream = try scratch.write([0xFF, 0xFF, 0xFF, 0xFF, 0x10, 0, 0, 0], to: "data-00000-of-00001.arrow")
    #expect(scratch.error(reading: stream, as: AnyRecord.self)?.contains("is an Arrow file") == true)
  }

  @Test(arguments: ["x.json", "x.jsonl"]) func objectsOverSeveralLines(name: String) throws {
    let text = "\n{\n  \"a\": \"}\\\"{\",\n  \"b\": [1]\n}\n{\n  \"a\": {}\n}\n\n"
    let path = try scratch.write(text, to: name)
    let reader = try DatasetReader<AnyRecord>([path])
    #expect(
      try reader.readAll() == [AnyRecord(#"{"a": "}\"{", "b": [1]}"#, line: 2), AnyRecord(#"{"a": {}}"#, line: 6)])
    let cut = try scratch.write("{\n  \"a\": 1,\n", to: name)
    #expect(
      scratch.error(reading: cut, as: AnyRecord.self)
        == "\(name): the file ends inside an object: it was cut off while it was written")
    let other = try scratch.write("{\n  \"a\": 1\n}\n,{}", to: name)
    #expect(
      scratch.error(reading: other, as: AnyRecord.self)
        == "\(name):4: something else than an object stands behind one")
  }

  @Test func listsOfAnyName() throws {
    let path = try scratch.write("[{\"a\": 1},\n{\"b\": 2}]\n", to: "x.jsonl")
    #expect(
      try DatasetReader<AnyRecord>([path]).readAll() == [
        AnyRecord(#"{"a": 1}"#, line: 1), AnyRecord(#"{"b": 2}"#, line: 2),
      ])
  }

  @Test func oneObjectThatHoldsAllRecords() throws {
    let path = try scratch.write("{\"version\": 1, \"data\": [{\"prompt\": \"a\"}]}", to: "x.json")
    #expect(
      scratch.error(reading: path, as: PreferencePair.self)
        == "x.json:1: 'data' holds the records, all in one object; write them one a line, as jq -c '.data[]' does")
  }
}
