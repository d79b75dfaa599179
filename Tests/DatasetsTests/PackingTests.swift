import Datasets
import Foundation
import TestSupport
import Testing

/// Packed files, each made by the program whose name it has, from the two lines of `lines`.
@Suite struct PackingTests {
  let scratch: TemporaryFolder
  static let lines = "{\"a\": 1}\n{\"b\": \"é\"}\n"
  static let packed: [(name: String, base64: String)] = [
    ("Zstandard", "KLUv/SQVqQAAeyJhIjogMX0KeyJiIjogIsOpIn0KXoAAwQ=="),
    ("bzip2", "QlpoOTFBWSZTWRnUJNsAAAfZlAAQUAAgEDAAAAoAIAgAIAAhKhpmQIBppoZIky0MGdvPaLuSKcKEgM6hJtg="),
    (
      "xz",
      "/Td6WFoAAATm1rRGAgAhARYAAAB0L+WjAQAUeyJhIjogMX0KeyJiIjogIsOpIn0KAAAAACHZ3bjUaG3YAAEtFS8LcW0ftvN9AQAAAAAEWVo="
    ),
  ]
  static let endings = ["Zstandard": ".zst", "bzip2": ".bz2", "xz": ".xz"]

  init() throws { scratch = try TemporaryFolder() }

  private func bytes(_ base64: String) throws -> [UInt8] { [UInt8](try #require(Data(base64Encoded: base64))) }

  @Test(arguments: packed) func readsWhatIsPacked(name: String, base64: String) throws {
    let whole = try bytes(base64)
    let ending = try #require(Self.endings[name])
    let expected = [#"{"a": 1}"#, #"{"b": "é"}"#]
    for file in ["x.jsonl" + ending, "unnamed"] {
      let path = try scratch.write(whole, to: file)
      #expect(try DatasetReader<AnyRecord>([path]).readAll().map(\.text) == expected)
    }
    // Two behind one another are read as one.
    let twice = try scratch.write(whole + whole, to: "twice.jsonl" + ending)
    #expect(try DatasetReader<AnyRecord>([twice]).readAll().map(\.text) == expected + expected)
  }

  @Test(arguments: packed) func bytesMissingFromTheEndAreNeverOverlooked(name: String, base64: String) throws {
    let whole = try bytes(base64)
    let ending = try #require(Self.endings[name])
    for count in 0..<whole.count {
      let path = try scratch.write(whole.prefix(count), to: "x.jsonl" + ending)
      #expect(
        scratch.error(reading: path, as: AnyRecord.self)
          == "x.jsonl\(ending): the \(name) data ends too early: the file was cut off", "\(count)")
    }
  }

  @Test(arguments: packed) func changedBytesAreAnErrorOrHarmless(name: String, base64: String) throws {
    let whole = try bytes(base64)
    for index in whole.indices {
      var changed = whole
      changed[index] ^= 0x55
      let path = try scratch.write(changed, to: "x.jsonl" + #require(Self.endings[name]))
      let texts = try? DatasetReader<AnyRecord>([path]).readAll().map(\.text)
      #expect(texts == nil || texts == [#"{"a": 1}"#, #"{"b": "é"}"#], "byte \(index)")
    }
  }

  @Test(arguments: packed) func otherDataIsNamed(name: String, base64: String) throws {
    let ending = try #require(Self.endings[name])
    let plain = try scratch.write("{}\n{}\n{}\n{}\n", to: "plain.jsonl" + ending)
    #expect(
      scratch.error(reading: plain, as: AnyRecord.self)?.hasPrefix("plain.jsonl\(ending): the file is not \(name)")
        == true)
    let mixed = try scratch.write(bytes(base64) + Array("{}\n{}\n{}\n{}\n".utf8), to: "mixed.jsonl" + ending)
    #expect(
      scratch.error(reading: mixed, as: AnyRecord.self)?.contains("other data follows the end of the \(name) data")
        == true)
  }
}
