import Foundation
import JSON
import ModelFiles
import TestSupport
import Testing

@testable import GGUF

/// Tokenizers in llama.cpp's words.
@Suite struct VocabularyTests {
  @Test func bytesWithMerges() throws {
    let settings: JSON = [
      "bos_token": "<s>", "eos_token": "</s>", "unk_token": "</s>", "pad_token": "</s>",
      "chat_template": "{{ messages }}",
    ]
    let beginning = #""post_processor": {"type": "TemplateProcessing", "single": [{"SpecialToken": {"id": "<s>"}}]}}"#
    let tokenizer = String(TinyModel.bytes.dropLast()) + "," + beginning
    let (file, notes) = try TinyModel(tokenizer: tokenizer, settings: settings).export(as: .float16)
    let found = file.metadata
    #expect(notes.isEmpty)
    #expect(found["tokenizer.ggml.model"] == "gpt2" && found["tokenizer.ggml.pre"] == "gpt-2")
    // A text that is looked for has spaces; ids without a token are filled up.
    #expect(
      found["tokenizer.ggml.tokens"]
        == "<s>|</s>|a|b|Ġ|ab|Ġab|?|[PAD8]| x y|[PAD10]|[PAD11]|[PAD12]|[PAD13]|[PAD14]|[PAD15]")
    #expect(found["tokenizer.ggml.token_type"] == "3|3|1|1|1|1|1|1|5|4|5|5|5|5|5|5")
    #expect(found["tokenizer.ggml.merges"] == "a b|Ġ ab")
    #expect(found["tokenizer.ggml.scores"] == nil)
    let ids = ["bos": "0", "eos": "1", "unknown": "1", "padding": "1"]
    for (name, id) in ids { #expect(found["tokenizer.ggml.\(name)_token_id"] == id, "\(name)") }
    #expect(found["tokenizer.ggml.add_bos_token"] == "true" && found["tokenizer.ggml.add_eos_token"] == "false")
    #expect(found["tokenizer.chat_template"] == "{{ messages }}")
  }

  @Test func charactersHaveScoresInTheOrderOfTheirMerges() throws {
    let found = try TinyModel(tokenizer: TinyModel.characters()).export(as: .float16).file.metadata
    #expect(found["tokenizer.ggml.model"] == "llama" && found["tokenizer.ggml.pre"] == "default")
    #expect(found["tokenizer.ggml.add_space_prefix"] == "true")
    #expect(found["tokenizer.ggml.token_type"] == "2|3|3|6|1|1|1|1|1|1|5|5|5|5|5|5")
    let padding = [String](repeating: "-10000.0", count: 6).joined(separator: "|")
    // ▁a before ▁ab before ab; characters, which nothing makes, last.
    #expect(
      found["tokenizer.ggml.scores"] == "0.0|-1000.0|-1000.0|0.0|-3.0|-3.0|-3.0|-0.0|-1.0|-2.0|" + padding)
    #expect(found["tokenizer.ggml.merges"] == nil)
  }

  @Test(arguments: [
    // A token that two others would make without being merged; and one whose merges are apart.
    #"["▁ a", "▁a b", "a b"]"#, #"["▁ a", "▁a b", "a b", "▁ ab"]"#,
  ]) func mergesThatScoresCannotRepeatAreRefused(merges: String) throws {
    let error = #expect(throws: ModelFileError.self) {
      try TinyModel(tokenizer: TinyModel.characters(merges: merges)).export(as: .float16)
    }
    #expect(error?.reason.contains("tokenizer.model") ?? false)
  }

  @Test(arguments: [
    (#"{"type": "ByteLevel", "add_prefix_space": true}"#, nil),
    (#"{"type": "Whitespace"}"#, nil),
    (
      #"""
      {"type": "Sequence", "pretokenizers": [{"type": "Digits", "individual_digits": true},
       {"type": "ByteLevel", "add_prefix_space": false}]}
      """#, "smollm"
    ),
  ]) func waysToSplitHaveNamesOrAreRefused(split: String, name: String?) throws {
    let tokenizer = TinyModel.bytes.replacing(#"{"type": "ByteLevel", "add_prefix_space": false}"#, with: split)
    let model = try TinyModel(tokenizer: tokenizer)
    if let name {
      #expect(try model.export(as: .float16).file.metadata["tokenizer.ggml.pre"] == name)
    } else {
      #expect(throws: ModelFileError.self) { try model.export(as: .float16) }
    }
  }

  /// Pre-tokenizers as published, in the fixtures of the tokenizers' tests, have llama.cpp's names.
  @Test(arguments: [
    ("gpt2", "gpt-2"), ("llama3", "llama-bpe"), ("qwen2", "qwen2"), ("tekken", "tekken"), ("o200k", "gpt-4o"),
    ("deepseek", "deepseek-v3"), ("deepseek-coder", "deepseek-coder"), ("falcon", "falcon"),
  ]) func publishedSplitsHaveNames(fixture: String, name: String) throws {
    let file = Checkout.root.appending(path: "Tests/TextTests/Tokenizers/Fixtures/\(fixture).json")
    let published = try #require(JSON(file: file)["tokenizer"])
    var tokenizer = try #require(JSON(parsing: TinyModel.bytes).object)
    tokenizer["pre_tokenizer"] = published["pre_tokenizer"]
    var model = try #require(tokenizer["model"]?.object)
    model["ignore_merges"] = published["model"]?["ignore_merges"]
    tokenizer["model"] = .object(model)
    let (found, _) = try TinyModel(tokenizer: JSON.object(tokenizer).text).export(as: .float16)
    #expect(found.metadata["tokenizer.ggml.pre"] == name)
  }

  /// Each split that llama.cpp has a name for is written by it where it was read by it.
  @Test(arguments: GGUFSplit.known) func splitsAreWrittenAsTheyAreRead(split: GGUFSplit) throws {
    var tokenizer = try #require(JSON(parsing: TinyModel.bytes).object)
    tokenizer["pre_tokenizer"] = split.json
    var model = try #require(tokenizer["model"]?.object)
    model["ignore_merges"] = .bool(split.ignoresMerges)
    tokenizer["model"] = .object(model)
    let (file, _) = try TinyModel(tokenizer: JSON.object(tokenizer).text).export(as: .float16)
    #expect(file.metadata["tokenizer.ggml.pre"] == split.names[0])
    for name in split.names { #expect(GGUFSplit(named: name)?.names == split.names) }
  }

  /// As Gemma's tokenizers, which split by spaces where the normalizer has left none.
  @Test func splitsThatFindNothingAreNone() throws {
    let split = #"{"type": "Split", "pattern": {"String": " "}, "behavior": "MergedWithPrevious", "invert": false}"#
    let normalizer = #""normalizer": {"type": "Replace", "pattern": {"String": " "}, "content": "▁"}"#
    var tokenizer = try #require(JSON(parsing: TinyModel.characters()).object)
    tokenizer["normalizer"] = try JSON(parsing: "{\(normalizer)}")["normalizer"]
    tokenizer["pre_tokenizer"] = try JSON(parsing: split)
    let found = try TinyModel(tokenizer: JSON.object(tokenizer).text).export(as: .float16).file.metadata
    #expect(found["tokenizer.ggml.model"] == "llama" && found["tokenizer.ggml.add_space_prefix"] == "false")
    tokenizer["normalizer"] = .null
    #expect(throws: ModelFileError.self) { try TinyModel(tokenizer: JSON.object(tokenizer).text).export(as: .float16) }
  }

  @Test func aTurnMayEndWithAnotherToken() throws {
    let found = try TinyModel(["eos_token_id": [1, 7]]).export(as: .float16).file.metadata
    #expect(found["tokenizer.ggml.eos_token_id"] == "1" && found["tokenizer.ggml.eot_token_id"] == "7")
    let several = try TinyModel(["eos_token_id": [1, 6, 7]]).export(as: .float16)
    #expect(several.file.metadata["tokenizer.ggml.eot_token_id"] == "6")
    #expect(several.notes.contains { $0.hasSuffix("llama.cpp must know ? by their names") }, "\(several.notes)")
  }

  @Test func aTokenizerLargerThanTheModelIsRefused() throws {
    let error = #expect(throws: ModelFileError.self) { try TinyModel(["vocab_size": 9]).export(as: .float16) }
    #expect(error?.reason == "the tokenizer has 10 tokens, the model only 9")
  }
}
