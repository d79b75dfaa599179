import Foundation
import JSON
import TestSupport
import Testing
import Text

/// Tokenizers as Mistral (tekken.json), Llama 3 and Qwen (ranks of tiktoken) publish them, against ids of mistral_common and tiktoken
/// (Scripts/fixtures/ranked_tokens.py).
@Suite struct RankedTokenTests {
  private static func bytes(_ name: String) throws -> [UInt8] {
    try Array(Data(contentsOf: Fixtures.folder.appending(path: "ranked/" + name)))
  }

  /// Each kind with the name of its file in a folder.
  static let kinds = [
    ("tekken", "tekken.json", "tekken.json"), ("tekken-named", "tekken-named.json", "tekken.json"),
    ("llama", "ranks.tiktoken", "tokenizer.model"), ("qwen", "ranks.tiktoken", "qwen.tiktoken"),
  ]

  @Test(arguments: kinds) func agreesWithReference(kind: String, file: String, name: String) throws {
    let tokenizer = try Fixtures.withFolder([name: Self.bytes(file)]) { try Tokenizer(folder: $0) }
    let ids = try #require(Fixtures.json("ranked/ids.json")[kind]?.array)
    // Special tokens in a text are tokens here, as in transformers; the references take them for text.
    let special = [
      "<s>", "<unk>", "[INST]", "[/INST]", "<|begin_of_text|>", "<|eot_id|>", "<|im_start|>", "<|endoftext|>",
    ]
    var compared = 0
    for (text, ids) in zip(try #require(Fixtures.json("texts.json").array).compactMap(\.string), ids) {
      if special.contains(where: text.contains) || text.contains("</s>") { continue }
      let expected = (ids.array ?? []).compactMap { $0.int.map(Int32.init) }
      #expect(tokenizer.encode(text) == expected, "\(text.debugDescription)")
      #expect(Array(tokenizer.decode(expected).utf8) == Array(text.utf8))
      compared += 1
    }
    #expect(compared > 70)
  }

  private static let cases = ProcessInfo.processInfo.environment["CARAVAN_RANKED_CASES"].map { URL(filePath: $0) }

  /// Files as published, by `ranked_tokens.py --published`.
  @Test(.enabled(if: cases != nil, "set CARAVAN_RANKED_CASES")) func agreesWithPublishedFiles() throws {
    let cases = try #require(Self.cases)
    for published in try #require(JSON(file: cases).array) {
      let file = URL(filePath: try #require(published["tekken"]?.string))
      let tokenizer = try Tokenizer(tekkenFile: file)
      for (text, ids) in zip(try #require(published["texts"]?.array), try #require(published["ids"]?.array)) {
        let text = try #require(text.string)
        if text.contains(/<s>|<\/s>|<unk>|\[\/?INST\]/) { continue }
        #expect(
          tokenizer.encode(text) == (ids.array ?? []).compactMap { $0.int.map(Int32.init) }, "\(text.debugDescription)")
      }
    }
  }

  @Test func specialTokensOfMistralComeFirst() throws {
    let old = try Fixtures.withFolder(["tekken.json": Self.bytes("tekken.json")]) { try Tokenizer(folder: $0) }
    #expect(old.vocabularySize == 406 && old.bos == 1 && old.eos == 2 && old.pad == 11 && old.addsBOS)
    #expect(old.encode("<s>[INST]a[/INST]</s>") == [1, 3, 121, 4, 2])
    #expect(old.token(for: 19) == "[TOOL_CONTENT]" && old.token(for: 23) == "<SPECIAL_23>" && old.isSpecial(23))
    #expect(old.decode([1, 121, 2]) == "a" && old.decode([1, 121], skippingSpecialTokens: false) == "<s>a")
    let named = try Fixtures.withFolder(["tekken.json": Self.bytes("tekken-named.json")]) { try Tokenizer(folder: $0) }
    #expect(named.encode("[THINK]a") == [6, 121] && named.pad == 5 && named.token(for: 8) == "<SPECIAL_8>")
    let without = try Fixtures.withFolder([
      "tekken.json": Self.bytes("tekken.json"), "tokenizer_config.json": Array(#"{"add_bos_token": false}"#.utf8),
    ]) { try Tokenizer(folder: $0) }
    #expect(without.bos == 1 && !without.addsBOS)
  }

  @Test func specialTokensOfLlamaAndQwenFollow() throws {
    let ranks = try Self.bytes("ranks.tiktoken")
    let llama = try Fixtures.withFolder(["tokenizer.model": ranks]) { try Tokenizer(folder: $0) }
    let first = llama.vocabularySize - 256
    #expect(llama.bos == Int32(first) && llama.eos == Int32(first + 1) && llama.addsBOS)
    #expect(llama.id(for: "<|eot_id|>") == Int32(first + 9))
    #expect(llama.id(for: "<|reserved_special_token_247|>") == Int32(first + 255))
    let qwen = try Fixtures.withFolder(["qwen.tiktoken": ranks]) { try Tokenizer(folder: $0) }
    #expect(qwen.eos == Int32(first) && qwen.bos == nil && !qwen.addsBOS)
    #expect(qwen.id(for: "<|extra_204|>") == Int32(first + 207))
    // A file beside it may name others.
    let config =
      #"{"added_tokens_decoder": {"\#(first + 1)": {"content": "<|x|>", "special": true}}, "eos_token": "<|x|>"}"#
    let own = try Fixtures.withFolder(["tokenizer.model": ranks, "tokenizer_config.json": Array(config.utf8)]) {
      try Tokenizer(folder: $0)
    }
    #expect(own.vocabularySize == first + 2 && own.eos == Int32(first + 1) && own.id(for: "<|eot_id|>") == nil)
  }

  @Test(arguments: [
    (
      #""default_vocab_size":406"#, #""default_vocab_size":500"#,
      "the config wants 500 tokens, of which 24 are special, and there are 385 others"
    ),
    (
      #""default_vocab_size":406"#, #""default_vocab_size":-9223372036854775808"#,
      "the config wants -9223372036854775808 tokens, of which 24 are special, and there are 385 others"
    ),
    (
      #""default_num_special_tokens":24"#, #""default_num_special_tokens":99999"#,
      "the config has 99999 special tokens; at most 16384 are supported"
    ),
    (
      #""default_num_special_tokens":24"#, #""default_num_special_tokens":7"#,
      "the special token \"[/THINK]\" has the rank 7, and the config only 7 such tokens"
    ),
    (
      #""rank":0,"token_bytes""#, #""rank":-1,"token_bytes""#,
      "line 1, column 0: a token with its rank and token_bytes was expected"
    ),
    (#""rank":0,"token_bytes""#, #""rank":1,"token_bytes""#, "tokens \"Ā\" and \"ā\" have the same id 25"),
    (#""rank":0,"token_bytes""#, #""rank":400,"token_bytes""#, "the vocab lacks 1 of the first 382 ranks"),
    (#""token_bytes":"AA==""#, #""token_bytes":"?""#, "the token 24 is spelled \"?\", which is no base64"),
    (#""token_bytes":"AA==""#, #""token_bytes":"YWFhYQ==""#, "there is no token for the byte 0"),
    (#""token_str":"<s>""#, #""token_str":"a""#, "token \"a\" has two ids, 121 and 1"),
    (#""pattern":"#, #""pattern":"(","was":"#, "the pre-tokenizer splits by \"(\", which is no regular expression"),
  ])
  func brokenFilesOfMistralAreNamed(text: String, instead: String, reason: String) throws {
    let file = String(decoding: try Self.bytes("tekken-named.json"), as: UTF8.self)
    #expect(file.contains(text))
    let changed = Array(file.replacing(text, with: instead, maxReplacements: 1).utf8)
    let error = #expect(throws: TokenizerError.self) {
      try Fixtures.withFolder(["tekken.json": changed]) { try Tokenizer(folder: $0) }
    }
    // Columns are those of a long line.
    #expect(error?.reason.replacing(/column \d+/, with: "column 0") == reason)
  }

  @Test(arguments: [
    ("AA== 0\n", "AA== 0 0\n", "line 1: a token in base64 and its rank were expected"),
    ("AA== 0\n", "AA== -1\n", "line 1: a token in base64 and its rank were expected"),
    ("AQ== 1\n", "AQ== 99999999\n", "line 2: a token in base64 and its rank were expected"),
    ("AQ== 1\n", "AQ== 0\n", "tokens \"Ā\" and \"ā\" have the same id 0"),
    ("AQ== 1\n", "A 1\n", "the token 1 is spelled \"A\", which is no base64"),
    ("AQ== 1\n", "", "there is no token for the byte 1"),
  ])
  func brokenRanksAreNamed(text: String, instead: String, reason: String) throws {
    let file = String(decoding: try Self.bytes("ranks.tiktoken"), as: UTF8.self)
    #expect(file.contains(text))
    let error = #expect(throws: TokenizerError.self) {
      try Fixtures.withFolder(["qwen.tiktoken": Array(file.replacing(text, with: instead, maxReplacements: 1).utf8)]) {
        try Tokenizer(folder: $0)
      }
    }
    #expect(error?.reason == reason)
  }

  /// A token as long as a book is not tried at each place.
  @Test func longTokensAreRefused() throws {
    let token = Data(repeating: 0x61, count: 1025).base64EncodedString()
    let bytes = try Self.bytes("ranks.tiktoken") + Array("\(token) 5000\n".utf8)
    let error = #expect(throws: TokenizerError.self) {
      try Fixtures.withFolder(["qwen.tiktoken": bytes]) { try Tokenizer(folder: $0) }
    }
    #expect(error?.reason == "the token 5000 has 1025 bytes; at most 1024 are supported")
  }
}
