import Foundation
import Testing
import Text

/// How fast the tokenizers are; opt in with CARAVAN_BENCHMARK=1 and a release build.
@Suite(
  .serialized, .enabled(if: ProcessInfo.processInfo.environment["CARAVAN_BENCHMARK"] != nil, "set CARAVAN_BENCHMARK"),
  .enabled(if: Fixtures.haveReal))
struct TokenizerSpeedTests {
  @Test(arguments: ["gpt2-tokenizer/tokenizer.json", "llama2-tokenizer/tokenizer.json", "llama2-tokenizer/tokenizer.model"])
  func encodesEnglish(file: String) throws {
    let file = Fixtures.real.appending(path: file)
    let clock = ContinuousClock()
    var loaded: Tokenizer?
    let loading = try clock.measure {
      loaded = try file.pathExtension == "json" ? Tokenizer(jsonFile: file) : Tokenizer(sentencePieceFile: file)
    }
    let tokenizer = try #require(loaded)
    let text = try Self.english()
    var ids: [Int32] = []
    let encoding = clock.measure { ids = tokenizer.encode(text) }
    var decoded = ""
    let decoding = clock.measure { decoded = tokenizer.decode(ids) }
    #expect(decoded == text)
    let megabytes = Double(text.utf8.count) / 1e6
    let run = clock.measure { #expect(tokenizer.encode(String(repeating: "a", count: 50_000_000)).count > 1_000_000) }
    print(
      "\(file.lastPathComponent): loads in \(loading), encodes \(megabytes / encoding.seconds) MB/s, decodes "
        + "\(megabytes / decoding.seconds) MB/s, 50 MB of one letter in \(run)")
  }

  /// About 8 MB of English: the text fields of the repository's real records, repeated.
  private static func english() throws -> String {
    let file = Fixtures.real.appending(path: "../../shared/real/ultrafeedback_binarized.jsonl").standardized
    let text = try String(contentsOf: ProcessInfo.processInfo.environment["CARAVAN_ENGLISH"].map { URL(filePath: $0) } ?? file, encoding: .utf8)
    return String(repeating: text, count: max(1, 8_000_000 / max(1, text.utf8.count)))
  }
}

extension Duration {
  fileprivate var seconds: Double { Double(components.seconds) + Double(components.attoseconds) / 1e18 }
}
