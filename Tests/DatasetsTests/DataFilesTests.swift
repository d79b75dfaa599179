import Datasets
import Foundation
import Testing

@Suite struct DataFilesTests {
  let scratch: Scratch

  init() throws { scratch = try Scratch() }

  @Test func foldersGiveTheirDataFilesByNameAndArgumentsKeepTheirOrder() throws {
    for name in ["f/b.jsonl", "f/a.jsonl.gz", "f/B.json", "f/10.jsonl", "f/9.jsonl", "f/é.jsonl", "f/c.json.gz"] {
      _ = try scratch.write("", to: name)
    }
    for name in ["f/README.md", "f/.hidden.jsonl", "f/deeper/x.jsonl", "f/folder.jsonl/x.jsonl", "f/d.jsonl.tmp"] {
      _ = try scratch.write("", to: name)
    }
    let late = try scratch.write("", to: "z.txt")
    let early = try scratch.write("", to: "a.jsonl")
    let files = try DataFiles.files(at: [late, scratch.path + "/f", early, early])
    #expect(
      files.map(scratch.relative) == [
        "z.txt", "f/10.jsonl", "f/9.jsonl", "f/B.json", "f/a.jsonl.gz", "f/b.jsonl", "f/c.json.gz", "f/é.jsonl",
        "a.jsonl", "a.jsonl",
      ])
    #expect(try DataFiles.files(at: [scratch.path + "/f/"]).map(scratch.relative).first == "f/10.jsonl")
  }

  @Test func saysWhichPathIsWrong() throws {
    let missing = scratch.path + "/missing.jsonl"
    #expect(scratch.error(reading: missing, as: AnyRecord.self) == "missing.jsonl: no such file or folder")
    _ = try scratch.write("", to: "empty/README.md")
    let message = "empty: no data files in the folder (.jsonl, .jsonl.gz, .json, .json.gz, .parquet)"
    #expect(scratch.error(reading: scratch.path + "/empty", as: AnyRecord.self) == message)
  }

  @Test func brokenLinkInFolderIsAnError() throws {
    _ = try scratch.write("{}", to: "f/a.jsonl")
    try FileManager.default.createSymbolicLink(
      atPath: scratch.path + "/f/b.jsonl", withDestinationPath: scratch.path + "/nowhere")
    let message = scratch.error(reading: scratch.path + "/f", as: AnyRecord.self)
    #expect(message == "f/b.jsonl: No such file or directory")
  }

  @Test func filesFollowOneAnother() throws {
    let first = try scratch.write("1\n2", to: "a.jsonl")
    let second = try scratch.write("[3, 4]", to: "b.json")
    let empty = try scratch.write("", to: "c.jsonl")
    let reader = try DatasetReader<AnyRecord>([second, empty, first])
    #expect(try reader.readAll().map(\.text) == ["3", "4", "1", "2"])
    #expect(reader.report.description == "read 4 records, kept 4")
  }
}
