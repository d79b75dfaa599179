import Datasets
import Foundation
import TestSupport
import Testing

/// Records from Parquet files are those of the same rows as JSON Lines.
@Suite struct ParquetTests {
  let scratch: TemporaryFolder

  init() throws { scratch = try TemporaryFolder() }

  static func path(_ name: String) -> String {
    URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Fixtures/\(name)").path
  }

  @Test func readsPreferencePairs() throws {
    let expected = try DatasetReader<PreferencePair>([Self.path("pairs.jsonl")]).readAll()
    let found = try DatasetReader<PreferencePair>([Self.path("pairs.parquet")]).readAll()
    #expect(expected.count == 3)
    #expect(found.map(\.prompt) == expected.map(\.prompt))
    #expect(found.map(\.chosen) == expected.map(\.chosen))
    #expect(found.map(\.rejected) == expected.map(\.rejected))
    #expect(found.map(\.location.description) == (1...3).map { "\(Self.path("pairs.parquet")):\($0)" })
  }

  @Test func readsConversations() throws {
    let expected = try DatasetReader<Conversation>([Self.path("conversations.jsonl")]).readAll()
    let found = try DatasetReader<Conversation>([Self.path("conversations.parquet")]).readAll()
    #expect(expected.count == 3)
    #expect(found.map(\.messages) == expected.map(\.messages))
  }

  @Test func readsUltraFeedback() throws {
    // Two rows have ratings of types that a column cannot hold beside the others'.
    let expected = try DatasetReader<UltraFeedbackRecord>([Self.path("ultrafeedback_raw.jsonl")]).readAll()
      .filter { !["Odd ratings?", "Huge?"].contains($0.instruction) }
    let found = try DatasetReader<UltraFeedbackRecord>([Self.path("ultrafeedback_raw.parquet")]).readAll()
    #expect(found.map(\.source) == expected.map(\.source))
    #expect(found.map(\.instruction) == expected.map(\.instruction))
    #expect(found.map(\.completions) == expected.map(\.completions))
  }

  @Test func readsOneFormatOfAFolderAndFilesOfAnyName() throws {
    let parquet = try Data(contentsOf: URL(filePath: Self.path("pairs.parquet")))
    let lines = try Data(contentsOf: URL(filePath: Self.path("pairs.jsonl")))
    try scratch.write(parquet, to: "folder/a.parquet")
    try scratch.write(lines, to: "folder/b.jsonl")
    let unnamed = try scratch.write(parquet, to: "download")
    let reader = try DatasetReader<PreferencePair>(["\(scratch.path)/folder", unnamed])
    let places = try reader.readAll().map { scratch.relative($0.location.description) }
    #expect(
      places == ["folder/a.parquet", "download"].flatMap { name in (1...3).map { "\(name):\($0)" } })
    // As datasets does; most likely they are the same records.
    #expect(
      reader.remarks.map(scratch.relative)
        == ["folder:train: left out 1 files of another format than the rest: b.jsonl"])
  }

  @Test func saysWhatIsWrong() throws {
    let bytes = [UInt8](try Data(contentsOf: URL(filePath: Self.path("pairs.parquet"))))
    try scratch.write(bytes.prefix(300), to: "cut.parquet")
    #expect(
      scratch.error(reading: "\(scratch.path)/cut.parquet", as: PreferencePair.self)
        == "cut.parquet: the file does not end as Parquet files do: it was cut off")
    try scratch.write("{}\n", to: "lines.parquet")
    #expect(
      scratch.error(reading: "\(scratch.path)/lines.parquet", as: PreferencePair.self)
        == "lines.parquet: not a Parquet file: it has only 3 bytes")
    let error = scratch.error(reading: Self.path("conversations.parquet"), as: PreferencePair.self)
    #expect(
      error == "\(Self.path("conversations.parquet")):1: 'chosen' is missing; expected a list of messages or a string")
  }
}
