import JSON
import Testing
import Text

/// What transformers 5.24 gives as `special_tokens_map` for the same files.
@Suite struct SpecialTokenTests {
  @Test(arguments: [
    (
      #"{"bos_token": "<s>", "eos_token": null}"#, #"{"bos_token": "a", "eos_token": "b"}"#,
      ["bos_token=a", "eos_token=b"]
    ),
    (
      #"{"bos_token": "<s>", "added_tokens_decoder": {"2": {"content": "<s>"}}}"#,
      #"{"bos_token": "a", "eos_token": "b"}"#, ["bos_token=<s>"]
    ),
    (#"{"bos_token": "<s>"}"#, #"{"bos_token": null}"#, []),
    (
      #"{"bos_token": "<s>"}"#, #"{"bos_token": {"content": "b"}, "additional_special_tokens": ["a"]}"#,
      ["bos_token=b"]
    ),
    (
      #"{"extra_special_tokens": {"boi_token": "a", "other": "b"}, "z_token": "b", "cls_token": "a", "bos_token": "<s>"}"#,
      "{}", ["bos_token=<s>", "cls_token=a", "z_token=b", "boi_token=a", "other=b"]
    ),
    (#"{"extra_special_tokens": ["ab"], "z_token": {"content": "b"}, "add_bos_token": false}"#, "{}", ["z_token=b"]),
    (#"{"model_specific_special_tokens": {"boi_token": "a"}}"#, "{}", ["boi_token=a"]),
    (#"{"model_specific_special_tokens": {"boi_token": "a"}, "z_token": "b"}"#, "{}", ["z_token=b"]),
    ("{}", #"{"q_token": "a", "extra_special_tokens": {"w": "b"}}"#, ["q_token=a", "w=b"]),
  ])
  func areThoseOfTransformers(config: String, map: String, expected: [String]) throws {
    let tokenizer = try Self.tokenizer(["tokenizer_config.json": config, "special_tokens_map.json": map])
    #expect(tokenizer.specialTokens.map { "\($0.key)=\($0.value.string ?? "")" } == expected)
    #expect(tokenizer.missingTokens.isEmpty && tokenizer.remarks.isEmpty)
  }

  @Test func namesThoseThatTheVocabularyLacks() throws {
    let tokenizer = try Self.tokenizer([
      "tokenizer_config.json":
        #"{"bos_token": "<s>", "pad_token": "nowhere", "image_token": "<i>", "additional_special_tokens": ["<x>", "a"]}"#
    ])
    #expect(tokenizer.pad == nil)
    #expect(
      tokenizer.missingTokens.map { "\($0.name) \($0.text)" }
        == ["pad_token nowhere", "image_token <i>", "additional_special_tokens <x>"])
    #expect(
      tokenizer.remarks == [
        "the vocabulary lacks pad_token \"nowhere\", image_token \"<i>\", additional_special_tokens \"<x>\": no such token "
          + "is used, where transformers would add one that the model does not know"
      ])
  }

  @Test func paddingOfTheTokenizerFileNamesAToken() throws {
    let file = String(TokenizerFolderTests.small.dropLast()) + #", "padding": {"pad_token": "b"}}"#
    #expect(try Self.tokenizer(["tokenizer.json": file]).specialTokens == ["pad_token": "b"])
  }

  @Test func refusesWhatIsNoToken() throws {
    let error = #expect(throws: TokenizerError.self) {
      try Self.tokenizer(["tokenizer_config.json": #"{"eos_token": 5}"#])
    }
    #expect(error?.reason == "eos_token should be a token, not a number")
  }

  @Test func templatesReadThem() throws {
    let tokenizer = try Self.tokenizer(["tokenizer_config.json": #"{"bos_token": "<s>", "image_token": "a"}"#])
    let template = try ChatTemplate(
      source: "{{ bos_token }}|{{ image_token }}|{{ eos_token is defined }}|{{ documents }}|{{ enable_thinking }}",
      name: "test")
    let text = try template.render(
      [], context: ChatContext(variables: ["enable_thinking": true]), addingGenerationPrompt: false,
      specialTokens: tokenizer.specialTokens)
    #expect(text == "<s>|a|False|None|True")
  }

  private static func tokenizer(_ files: [String: String]) throws -> Tokenizer {
    try Fixtures.tokenizer(["tokenizer.json": TokenizerFolderTests.small].merging(files) { $1 })
  }
}
