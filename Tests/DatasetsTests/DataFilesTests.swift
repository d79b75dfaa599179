import Datasets
import Foundation
import TestSupport
import Testing

@Suite struct DataFilesTests {
  let scratch: TemporaryFolder

  init() throws { scratch = try TemporaryFolder() }

  @Test func foldersGiveTheirDataFilesByPathAndArgumentsKeepTheirOrder() throws {
    for name in ["f/b.jsonl", "f/a.jsonl.gz", "f/B.json", "f/10.jsonl", "f/9.jsonl", "f/é.jsonl", "f/c.json.gz"] {
      try scratch.write("", to: name)
    }
    for name in ["f/README.md", "f/.hidden.jsonl", "f/deeper/x.jsonl", "f/folder.jsonl/x.jsonl", "f/d.jsonl.tmp"] {
      try scratch.write("", to: name)
    }
    let late = try scratch.write("", to: "z.txt")
    let early = try scratch.write("", to: "a.jsonl")
    let files = try DataFiles.files(at: [late, scratch.path + "/f", early, early])
    #expect(
      files.map(scratch.relative) == [
        "z.txt", "f/10.jsonl", "f/9.jsonl", "f/B.json", "f/a.jsonl.gz", "f/b.jsonl", "f/c.json.gz",
        "f/deeper/x.jsonl", "f/folder.jsonl/x.jsonl", "f/é.jsonl", "a.jsonl", "a.jsonl",
      ])
    #expect(try DataFiles.files(at: [scratch.path + "/f/"]).map(scratch.relative).first == "f/10.jsonl")
  }

  @Test func saysWhichPathIsWrong() throws {
    let missing = scratch.path + "/missing.jsonl"
    #expect(scratch.error(reading: missing, as: AnyRecord.self) == "missing.jsonl: no such file or folder")
    try scratch.write("", to: "empty/README.md")
    let message =
      "empty: has no files of records (.parquet, .jsonl, .json or .ndjson, each also with .gz, .zst, .bz2 or .xz)"
    #expect(scratch.error(reading: scratch.path + "/empty", as: AnyRecord.self) == message)
  }

  @Test func brokenLinkInFolderIsAnError() throws {
    try scratch.write("{}", to: "f/a.jsonl")
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

  /// The files of names, or the error, with the folder's name taken out.
  private func found(_ names: String..., everySplit: Bool = false) -> [String] {
    do {
      let names = names.map { scratch.path + "/" + $0 }
      return try DataFiles.files(at: names, everySplit: everySplit).map(scratch.relative)
    } catch {
      return [scratch.relative(error.description)]
    }
  }

  @Test func ofSeveralSplitsOneIsNamed() throws {
    for name in ["f/train.jsonl", "f/deep/test_1.jsonl.gz", "g/train/a.json", "g/state.json", "h/pairs.jsonl"] {
      try scratch.write("", to: name)
    }
    #expect(found("f") == ["f: holds several splits; name one: f:train, f:test"])
    #expect(found("f:train") == ["f/train.jsonl"])
    #expect(found("f/:test", "h", "g/:train") == ["f/deep/test_1.jsonl.gz", "h/pairs.jsonl", "g/train/a.json"])
    #expect(found("f", everySplit: true) == ["f/deep/test_1.jsonl.gz", "f/train.jsonl"])
    #expect(found("g") == ["g/train/a.json"])
    #expect(found("f:dev") == ["f: there is no split 'dev'; there are f:train, f:test"])
    #expect(found("f/x:train") == ["f/x:train: no such file or folder"])
    #expect(found("f/deep:test") == ["f/deep/test_1.jsonl.gz"])
    // What is there wins.
    try scratch.write("", to: "f:train")
    #expect(found("f:train") == ["f:train"])
    try scratch.write("", to: "h/eval.jsonl")
    #expect(found("h") == ["h: holds h:test and files of no split (pairs.jsonl); name the split, or the files"])
  }

  @Test func theCardTellsConfigurations() throws {
    for name in ["f/a/1.jsonl", "f/a/2.jsonl", "f/b.jsonl", "f/c.csv"] { try scratch.write("", to: name) }
    let card = """
      ---
      configs:
      - config_name: one
        data_files:
        - {split: train, path: a/1*}
        - {split: test, path: [a/2.jsonl]}
      - config_name: two
        data_files: ["b*", "*.csv"]
      ---
      """
    try scratch.write(card, to: "f/README.md")
    #expect(found("f/one:train", "f/two:train") == ["f/a/1.jsonl", "f/b.jsonl"])
    #expect(found("f:train") == ["f: has several configurations; name one: f/one, f/two"])
    let two = try DataFiles.find([scratch.path + "/f/two:train"])
    #expect(
      two.remarks.map(scratch.relative) == ["f/two:train: left out 1 files of another format than the rest: c.csv"])
    try scratch.write(card + "\n" + String(repeating: "[", count: 100_000), to: "f/README.md")
    #expect(found("f/one:test") == ["f/a/2.jsonl"])
    try scratch.write("---\nconfigs: " + String(repeating: "[", count: 100_000) + "\n---\n", to: "f/README.md")
    #expect(found("f:train")[0].hasPrefix("f: its card's YAML header cannot be read"))
    try scratch.write(card.replacing("a/1*", with: "a/**1"), to: "f/README.md")
    #expect(
      found("f/one:train")
        == ["f: the pattern 'a/**1' has '**' within a name, where only a whole part may be '**'"])
  }

  @Test func linksAreFollowedOnce() throws {
    try scratch.write("", to: "f/a.jsonl")
    try FileManager.default.createSymbolicLink(atPath: scratch.path + "/f/loop", withDestinationPath: "../f")
    try FileManager.default.createSymbolicLink(atPath: scratch.path + "/g", withDestinationPath: "f")
    #expect(found("g") == ["g/a.jsonl"])
  }
}
