import Datasets
import JSON
import Testing
import Text

/// Pipelines like those of published models against ids and texts from Hugging Face's `tokenizers`
/// (Scripts/fixtures/tokenizer_vectors.py).
@Suite struct PipelineTests {
  static let pipelines = [
    "gpt2", "gpt2-prefix", "llama3", "qwen2", "llama2", "mistral", "metaspace-split", "words", "behaviors", "whole",
    "o200k", "tekken", "deepseek", "deepseek-coder", "falcon", "expressions",
  ]

  @Test(arguments: pipelines)
  func agreesWithReference(pipeline: String) throws {
    let fixture = try Fixtures.json("\(pipeline).json")
    let tokenizer = try Self.tokenizer(fixture)
    let texts = try #require(Fixtures.json("texts.json").array)
    for (index, text) in texts.enumerated() {
      let text = try #require(text.string)
      let ids = try #require(fixture["ids"]?.array?[index].array).compactMap { $0.int.map(Int32.init) }
      try #require(tokenizer.encode(text) == ids, "text \(index): \(text.debugDescription)")
      try expectDecoding(tokenizer, ids, fixture["decoded"]?.array?[index], fixture["decodedAll"]?.array?[index])
    }
  }

  @Test(arguments: pipelines)
  func agreesWithReferenceOnRandomTexts(pipeline: String) throws {
    let fixture = try Fixtures.json("\(pipeline).json")
    let tokenizer = try Self.tokenizer(fixture)
    var draws = SplitMix64(seed: 42)
    for expected in try #require(fixture["random"]?.array) {
      var hash: UInt64 = 0xCBF2_9CE4_8422_2325
      for _ in 0..<100 {
        let ids = tokenizer.encode(Self.randomText(&draws))
        for byte in ids.flatMap({ id in (0..<4).map { UInt8(truncatingIfNeeded: id >> (8 * $0)) } })
          + Array(tokenizer.decode(ids).utf8)
        {
          hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3
        }
      }
      #expect(String(hash, radix: 16) == expected.string.map { String($0.drop { $0 == "0" }) })
    }
  }

  /// The next of the random texts that Scripts/fixtures/tokenizer_vectors.py has.
  static func randomText(_ draws: inout SplitMix64) -> String {
    let pools: [Range<UInt64>] = [
      0x20..<0x7F, 0xA0..<0x370, 0x09..<0x0E, 0x370..<0x2000, 0x3000..<0xD7A0, 0x1F300..<0x1FA00, 0x01..<0x110000,
    ]
    var text = String.UnicodeScalarView()
    var pool = pools[0]
    for _ in 0..<1 + draws.next() % 32 {
      if draws.next() % 3 == 0 { pool = pools[Int(draws.next() % UInt64(pools.count))] }
      let value = pool.lowerBound + draws.next() % UInt64(pool.count)
      text.append(Unicode.Scalar(UInt32(value)) ?? " ")
    }
    return String(text)
  }

  @Test(arguments: pipelines)
  func decodesIdsThatNoTextGives(pipeline: String) throws {
    let fixture = try Fixtures.json("\(pipeline).json")
    let tokenizer = try Self.tokenizer(fixture)
    for stream in try #require(fixture["streams"]?.array) {
      let ids = try #require(stream["ids"]?.array).compactMap { $0.int.map(Int32.init) }
      try expectDecoding(tokenizer, ids, stream["decoded"], stream["decodedAll"])
    }
  }

  @Test func knowsWhichTokenizersAddBOS() throws {
    for (pipeline, adds) in [("gpt2", false), ("llama3", true), ("qwen2", false), ("llama2", true), ("mistral", true)] {
      let fixture = try Fixtures.json("\(pipeline).json")
      let bos = adds && pipeline == "llama3" ? "<|begin_of_text|>" : adds ? "<s>" : "<|endoftext|>"
      let files = ["tokenizer.json": try Self.file(fixture), "tokenizer_config.json": #"{"bos_token": "\#(bos)"}"#]
      let tokenizer = try Fixtures.tokenizer(files)
      #expect(tokenizer.addsBOS == adds, "\(pipeline)")
      #expect(tokenizer.bosToken == bos)
    }
  }

  private func expectDecoding(_ tokenizer: Tokenizer, _ ids: [Int32], _ text: JSON?, _ whole: JSON?) throws {
    if ids.count < 50 { try expectContinuing(tokenizer, ids) }
    for (skipping, expected) in [(true, text), (false, whole)] {
      let expected = try #require(expected?.string)
      let decoded = tokenizer.decode(ids, skippingSpecialTokens: skipping)
      try #require(Array(decoded.utf8) == Array(expected.utf8), "\(ids) should give \(expected.debugDescription)")
      var decoder = tokenizer.streamingDecoder(skippingSpecialTokens: skipping)
      let streamed = ids.map { decoder.append($0) }.joined() + decoder.finish()
      try #require(Array(streamed.utf8) == Array(expected.utf8))
    }
  }

  /// What tokens add to those before them is what the whole has more than its beginning.
  private func expectContinuing(_ tokenizer: Tokenizer, _ ids: [Int32]) throws {
    var showing = tokenizer.streamingDecoder(continuing: [], showing: Set(ids))
    let shown = ids.map { showing.append($0) }.joined() + showing.finish()
    try #require(shown == tokenizer.decode(ids, skippingSpecialTokens: false))
    let whole = Array(tokenizer.decode(ids).utf8)
    for count in 0...ids.count {
      let known = Array(tokenizer.decode(ids[..<count]).utf8)
      // But for characters that end later.
      guard whole.starts(with: known) else { continue }
      var decoder = tokenizer.streamingDecoder(continuing: ids[..<count])
      let added = ids[count...].map { decoder.append($0) }.joined() + decoder.finish()
      try #require(Array(added.utf8) == Array(whole[known.count...]), "\(ids) after \(count)")
    }
  }

  static func tokenizer(_ fixture: JSON) throws -> Tokenizer {
    try Fixtures.tokenizer(["tokenizer.json": file(fixture)])
  }

  /// The fixture's tokenizer.json with its vocabulary. The texts are put together, so that no key is lost.
  static func file(_ fixture: JSON) throws -> String {
    let vocabulary = try #require(fixture["vocabulary"]?.string)
    let members = try Fixtures.text("vocabulary-\(vocabulary).json").dropFirst()
    var definition = try #require(fixture["tokenizer"]?.object)
    let model = try #require(definition["model"]).text
    definition["model"] = nil
    return JSON.object(definition).text.dropLast() + #","model":\#(model.dropLast()),\#(members)}"#
  }
}
