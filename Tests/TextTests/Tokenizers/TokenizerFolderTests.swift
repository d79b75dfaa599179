import JSON
import Testing
import Text

/// What the files beside a tokenizer say.
@Suite struct TokenizerFolderTests {
  /// A tokenizer of four tokens.
  static let small = """
    {"added_tokens": [{"id": 2, "content": "<s>", "special": true, "normalized": false}],
     "model": {"type": "BPE", "vocab": {"a": 0, "b": 1, "<s>": 2, "ab": 3}, "merges": ["a b"]}}
    """

  @Test func readsSpecialTokensInBothSpellings() throws {
    let tokenizer = try Fixtures.tokenizer([
      "tokenizer.json": Self.small,
      "tokenizer_config.json": #"{"bos_token": {"content": "<s>"}, "eos_token": null, "pad_token": "nowhere"}"#,
      "special_tokens_map.json": #"{"eos_token": "b"}"#,
    ])
    #expect(tokenizer.bos == 2 && tokenizer.bosToken == "<s>")
    #expect(tokenizer.eos == 1 && tokenizer.eosToken == "b")
    #expect(tokenizer.pad == nil)
    #expect(!tokenizer.addsBOS)
    #expect(tokenizer.encode("ab<s>a") == [3, 2, 0])
    #expect(tokenizer.decode([3, 2, 0, 99, -1], skippingSpecialTokens: false) == "ab <s> a")
  }

  /// As in transformers 5, whose 4 let Llama's and Gemma's tokenizers go by the configuration.
  @Test func tokenizerFileSaysWhetherBOSIsAdded() throws {
    let config = #"{"bos_token": "<s>", "add_bos_token": true}"#
    let files = ["tokenizer.json": Self.small, "tokenizer_config.json": config]
    let tokenizer = try Fixtures.tokenizer(files)
    #expect(!tokenizer.addsBOS)
    #expect(
      tokenizer.remarks == [
        "tokenizer_config.json says that add_bos_token is true, but tokenizer.json puts no token in front of a text, "
          + "which counts, as in transformers 5"
      ])
    let silent = try Fixtures.tokenizer(files.merging(["tokenizer_config.json": #"{"add_bos_token": false}"#]) { $1 })
    #expect(!silent.addsBOS && silent.remarks.isEmpty)
  }

  @Test(arguments: [
    (["tokenizer_config.json": #"{"chat_template": "one"}"#], "one"),
    (
      [
        "tokenizer_config.json":
          #"{"chat_template": [{"name": "tool_use", "template": "x"}, {"name": "default", "template": "two"}]}"#
      ], "two"
    ),
    (["tokenizer_config.json": #"{"chat_template": "one"}"#, "chat_template.jinja": "three\n"], "three\n"),
    (["tokenizer_config.json": #"{"chat_template": null}"#], nil),
    ([:], nil),
  ])
  func findsTheChatTemplate(files: [String: String], template: String?) throws {
    let tokenizer = try Fixtures.tokenizer(files.merging(["tokenizer.json": Self.small]) { $1 })
    #expect(tokenizer.chatTemplate == template)
  }

  @Test func addsTheTokensOfTheConfiguration() throws {
    let tokenizer = try Fixtures.tokenizer([
      "tokenizer.json": Self.small,
      "tokenizer_config.json":
        #"{"added_tokens_decoder": {"2": {"content": "<s>"}, "7": {"content": "<pad>", "special": true}}, "pad_token": "<pad>"}"#,
    ])
    #expect(tokenizer.pad == 7 && tokenizer.vocabularySize == 8 && tokenizer.isSpecial(7))
    #expect(tokenizer.encode("a<pad>b") == [0, 7, 1])
    #expect(tokenizer.token(for: 5) == nil && tokenizer.id(for: "<pad>") == 7)
  }

  @Test func readsMergesInBothSpellings() throws {
    let pairs = Self.small.replacing(#"["a b"]"#, with: #"[["a", "b"]]"#)
    #expect(try Fixtures.tokenizer(["tokenizer.json": pairs]).encode("abab") == [3, 3])
  }

  @Test func needsATokenizer() throws {
    let error = #expect(throws: TokenizerError.self) { try Fixtures.tokenizer(["config.json": "{}"]) }
    #expect(
      error?.reason
        == "the folder has no tokenizer: none of tokenizer.json, tokenizer.model, tekken.json, qwen.tiktoken")
  }
}
