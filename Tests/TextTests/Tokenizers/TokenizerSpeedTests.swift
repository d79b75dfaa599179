import Foundation
import JSON
import Testing
import Text

/// How fast the tokenizers are. Opt in with the path of an English text in the variable CARAVAN_BENCHMARK, and
/// `swift test -c release --filter TokenizerSpeed`.
@Suite(.serialized, .enabled(if: Fixtures.haveReal && Fixtures.benchmarkText != nil, "set CARAVAN_BENCHMARK"))
struct TokenizerSpeedTests {
  @Test(arguments: [
    "gpt2-tokenizer/tokenizer.json", "llama2-tokenizer/tokenizer.json", "llama2-tokenizer/tokenizer.model",
  ])
  func encodesEnglish(file: String) throws {
    let file = Fixtures.real.appending(path: file)
    let clock = ContinuousClock()
    var loaded: Tokenizer?
    let loading = try clock.measure {
      loaded = try file.pathExtension == "json" ? Tokenizer(jsonFile: file) : Tokenizer(sentencePieceFile: file)
    }
    let tokenizer = try #require(loaded)
    let text = try String(contentsOf: #require(Fixtures.benchmarkText), encoding: .utf8)
    var ids: [Int32] = []
    let encoding = clock.measure { ids = tokenizer.encode(text) }
    let decoding = clock.measure { _ = tokenizer.decode(ids) }
    let run = clock.measure { _ = tokenizer.encode(String(repeating: "a", count: 50_000_000)) }
    let megabytes = Double(text.utf8.count) / 1e6
    let checksum = ids.reduce(0) { ($0 * 31 + Int($1)) % 1_000_000_007 }
    print(
      "\(file.lastPathComponent): loads in \(loading), encodes \(megabytes / encoding.seconds) MB/s, decodes "
        + "\(megabytes / decoding.seconds) MB/s, 50 MB of one letter in \(run); \(ids.count) ids, checksum \(checksum)")
  }

  /// Splits by expressions, as published, around GPT-2's vocabulary: 5 MB/s is what they should have on one core.
  @Test(arguments: ["o200k", "tekken", "deepseek", "deepseek-coder", "falcon"])
  func encodesEnglishSplitByExpressions(pipeline: String) throws {
    let file = Fixtures.real.appending(path: "gpt2-tokenizer/tokenizer.json")
    var definition = try #require(JSON(parsing: [UInt8](Data(contentsOf: file))).object)
    definition["pre_tokenizer"] = try Fixtures.json("\(pipeline).json")["tokenizer"]?["pre_tokenizer"]
    let tokenizer = try Fixtures.tokenizer(["tokenizer.json": JSON.object(definition).text])
    let text = try String(contentsOf: #require(Fixtures.benchmarkText), encoding: .utf8)
    let rates = (0..<3).map { _ in
      Double(text.utf8.count) / 1e6 / ContinuousClock().measure { _ = tokenizer.encode(text) }.seconds
    }
    print("\(pipeline): encodes \(rates.max() ?? 0) MB/s")
    #expect(rates.contains { $0 >= 5 })
  }
}

extension Duration {
  fileprivate var seconds: Double { Double(components.seconds) + Double(components.attoseconds) / 1e18 }
}
