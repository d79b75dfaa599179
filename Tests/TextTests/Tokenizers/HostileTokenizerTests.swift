import Foundation
import JSON
import SentencePieceModel
import Testing
import Text

/// Files that are broken, or made to break what reads them: each is one clear error.
@Suite struct HostileTokenizerTests {
  private static let small = TokenizerFolderTests.small
  private static let bomb = #"{"type": "Replace", "pattern": {"String": "e"}, "content": "eeeeeeeeeeeeeeee"}"#
  private static let fuses = Array(repeating: #"{"type": "Fuse"}"#, count: 64).joined(separator: ", ")

  /// What a file that splits by a regular expression is refused for.
  private static func splitting(by expression: String, _ reason: String) -> (String, String, String) {
    (
      "\"added_tokens\": [",
      #""pre_tokenizer": {"type": "Split", "behavior": "Isolated", "pattern": {"Regex": "\#(expression)"}}, "added_tokens": ["#,
      reason
    )
  }

  @Test(arguments: [
    ("{\"a\": 0", "{\"a\": -1", "token \"a\" has the id -1, which is not within 0...16777216"),
    ("{\"a\": 0", "{\"a\": 4000000000", "token \"a\" has the id 4000000000, which is not within 0...16777216"),
    ("{\"a\": 0", "{\"a\": 1", "tokens \"a\" and \"b\" have the same id 1"),
    ("{\"a\": 0", "{\"b\": 0", "token \"b\" has two ids, 0 and 1"),
    ("{\"a\": 0", "{\"a\": 0.5", "line 2, column 45: an id, a whole number, was expected"),
    ("{\"a\": 0", "{\"a\": \"0\"", "line 2, column 45: an id, a whole number, was expected"),
    ("[\"a b\"]", "[\"a c\"]", "the model merges \"a\" and \"c\" (merge 0), of which one is not a token"),
    ("[\"a b\"]", "[\"b a\"]", "the model merges \"b\" and \"a\" (merge 0), which together are not a token"),
    ("[\"a b\"]", "[\"a b c\"]", "line 2, column 91: a merge, two tokens, was expected"),
    ("[\"a b\"]", "[[\"a\"]]", "line 2, column 89: a merge, two tokens, was expected"),
    ("[\"a b\"]", "{}", "line 2, column 83: a list was expected"),
    ("\"BPE\"", "\"Unigram\"", "the model type \"Unigram\" is not supported, only BPE is"),
    ("\"BPE\"", "\"BPE\", \"unk_token\": \"?\"", "the model has the unk_token \"?\", which is not a token"),
    ("\"BPE\"", "\"BPE\", \"dropout\": 0.1", "the model has a dropout, which is not supported"),
    (
      "\"BPE\"", "\"BPE\", \"end_of_word_suffix\": \"</w>\"",
      "the model has a value for end_of_word_suffix, which is not supported"
    ),
    ("\"id\": 2", "\"id\": 3", "token \"<s>\" has two ids, 2 and 3"),
    ("\"id\": 2", "\"id\": -2", "the added token -2 should have an id within 0...16777216"),
    (
      "\"content\": \"<s>\"", "\"content\": 5",
      "the added token has a field \"content\" that should be a string, not a number"
    ),
    (
      "\"added_tokens\": [", "\"normalizer\": {\"type\": \"Nmt\"}, \"added_tokens\": [",
      "the normalizer \"Nmt\" is not supported"
    ),
    (
      "\"added_tokens\": [",
      "\"pre_tokenizer\": {\"type\": \"Sequence\", \"pretokenizers\": [{\"type\": \"Unicode\"}]}, \"added_tokens\": [",
      "the pre-tokenizer \"Unicode\" is not supported"
    ),
    splitting(by: "(a+", "the pre-tokenizer splits by \"(a+\", which is no regular expression"),
    splitting(
      by: "(a+)+b", "the pre-tokenizer's regular expression \"(a+)+b\" takes time out of proportion to the text"),
    splitting(
      by: "q(?=.*)", "the pre-tokenizer's regular expression \"q(?=.*)\" takes time out of proportion to the text"),
    splitting(
      by: String(repeating: "a", count: 5000), "the pre-tokenizer's regular expression has more than 4096 bytes"),
    (
      "\"added_tokens\": [", "\"decoder\": {\"type\": \"WordPiece\"}, \"added_tokens\": [",
      "the decoder \"WordPiece\" is not supported"
    ),
    ("\"added_tokens\": [", "\"decoder\": 7, \"added_tokens\": [", "the decoder must be an object, not a number"),
    (
      "\"added_tokens\": [",
      "\"decoder\": {\"type\": \"Strip\", \"content\": \"ab\", \"start\": 1, \"stop\": 0}, \"added_tokens\": [",
      "the decoder has a field \"content\" that should be one character, not \"ab\""
    ),
    (
      "\"added_tokens\": [",
      "\"pre_tokenizer\": {\"type\": \"Metaspace\", \"replacement\": \"\"}, \"added_tokens\": [",
      "the pre-tokenizer has a field \"replacement\" that should be one character, not \"\""
    ),
    (
      "\"added_tokens\": [",
      "\"normalizer\": {\"type\": \"Sequence\", \"normalizers\": [\(bomb), \(bomb)]}, \"added_tokens\": [",
      "the normalizer could make a text more than 64 times as long"
    ),
    (
      "\"added_tokens\": [",
      "\"decoder\": {\"type\": \"Sequence\", \"decoders\": [\(bomb), \(bomb)]}, \"added_tokens\": [",
      "the decoder could make a text more than 64 times as long"
    ),
    (
      "\"added_tokens\": [",
      "\"decoder\": {\"type\": \"Sequence\", \"decoders\": [\(fuses)]}, \"added_tokens\": [",
      "the decoder has more than 64 steps"
    ),
    (
      "\"added_tokens\": [",
      "\"normalizer\": {\"type\": \"Prepend\", \"prepend\": \"\(String(repeating: "a", count: 64))\"}, \"added_tokens\": [",
      "the normalizer could make a text more than 64 times as long"
    ),
  ])
  func saysWhatIsWrong(original: String, replacement: String, reason: String) throws {
    let file = Self.small.replacing(original, with: replacement, maxReplacements: 1)
    #expect(file != Self.small)
    let error = #expect(throws: TokenizerError.self) { try Fixtures.tokenizer(["tokenizer.json": file]) }
    #expect(error?.reason == reason)
    #expect(error?.path.hasSuffix("tokenizer.json") == true)
  }

  @Test func refusesEveryTruncation() throws {
    let bytes = Array(Self.small.utf8)
    for count in bytes.indices {
      #expect(throws: TokenizerError.self) {
        try Fixtures.withFolder(["tokenizer.json": Array(bytes[..<count])]) { try Tokenizer(folder: $0) }
      }
    }
  }

  @Test func refusesBrokenConfiguration() throws {
    let error = #expect(throws: TokenizerError.self) {
      try Fixtures.tokenizer(["tokenizer.json": Self.small, "tokenizer_config.json": "{"])
    }
    #expect(error?.path.hasSuffix("tokenizer_config.json") == true)
    let tokens = #expect(throws: TokenizerError.self) {
      try Fixtures.tokenizer(["tokenizer.json": Self.small, "added_tokens.json": #"{"<x>": 5000000000}"#])
    }
    #expect(tokens?.reason == "token \"<x>\" has the id 5000000000, which is not one")
    let template = #expect(throws: TokenizerError.self) {
      try Fixtures.withFolder(["tokenizer.json": Array(Self.small.utf8), "chat_template.jinja": [0xFF]]) {
        try Tokenizer(folder: $0)
      }
    }
    #expect(template?.reason == "the chat template is not valid UTF-8")
  }

  @Test func survivesTruncatedAndChangedSentencePieceModels() throws {
    let bytes: [UInt8] = try Self.model().serializedBytes()
    for count in bytes.indices { try Self.load(Array(bytes[..<count])) }
    for index in bytes.indices {
      for bit in 0..<8 {
        var changed = bytes
        changed[index] ^= 1 << UInt8(bit)
        try Self.load(changed)
      }
    }
  }

  @Test func refusesOtherSentencePieceModels() throws {
    func reason(_ change: (inout SentencePieceModel) -> Void) throws -> String? {
      var model = Self.model()
      change(&model)
      let bytes: [UInt8] = try model.serializedBytes()
      return #expect(throws: TokenizerError.self) {
        try Fixtures.withFolder(["tokenizer.model": bytes]) { try Tokenizer(folder: $0) }
      }?.reason
    }
    #expect(
      try reason { $0.trainer.algorithm = .unigram }
        == "this SentencePiece model is of type Unigram; only BPE is supported")
    #expect(try reason { $0.pieces = [] } == "this SentencePiece model has no pieces")
    #expect(try reason { $0.pieces[4].text = "a" } == "token \"a\" has two ids, 3 and 4")
    #expect(try reason { $0.pieces[3].score = .nan } == "a piece has a score that is not a number")
    #expect(try reason { $0.pieces[3].kind = .unused } == "piece 3 is marked as unused, which is not supported")
    #expect(
      try reason { $0.pieces[3].text = String(repeating: "a", count: 5000) }
        == "piece 3 has 5000 bytes; at most 1024 are supported")
    #expect(
      try reason {
        $0.normalizer.name = "nmt_nfkc"
        $0.normalizer.characterMap = Data([1])
      } == "this SentencePiece model normalizes text by \"nmt_nfkc\", which is not supported")
    let error = #expect(throws: TokenizerError.self) {
      try Fixtures.withFolder(["tokenizer.model": [0x0A, 0xFF, 0xFF, 0xFF, 0xFF, 0x0F]]) { try Tokenizer(folder: $0) }
    }
    #expect(error?.reason.hasPrefix("this is not a SentencePiece model") == true)
  }

  @Test func mergesByScoreThenFromTheLeft() throws {
    let bytes: [UInt8] = try Self.model().serializedBytes()
    let tokenizer = try Fixtures.withFolder(["tokenizer.model": bytes]) { try Tokenizer(folder: $0) }
    // ▁, aa and b: "aaa" merges its first two; unknown characters in a row are one token.
    #expect(tokenizer.encode("aaab") == [5, 6, 3, 4])
    #expect(tokenizer.encode("é漢b<s>") == [5, 0, 4, 1])
    #expect(tokenizer.encode("") == [])
    #expect(tokenizer.bos == 1 && tokenizer.eos == 2 && tokenizer.pad == nil && tokenizer.addsBOS)
  }

  /// A long run of one character takes time about in proportion to its length.
  @Test(.timeLimit(.minutes(2))) func longRunsAreNotQuadratic() throws {
    let tokenizer = try PipelineTests.tokenizer(Fixtures.json("llama2.json"))
    let bytes = try PipelineTests.tokenizer(Fixtures.json("gpt2.json"))
    for character in ["a", " ", "\n", "漢"] {
      let text = String(repeating: character, count: 100_000)
      for tokenizer in [tokenizer, bytes] {
        let ids = tokenizer.encode(text)
        #expect(tokenizer.decode(ids) == text)
      }
    }
  }

  /// Loads a model and uses it; either is an error or works.
  private static func load(_ bytes: [UInt8]) throws {
    do {
      let tokenizer = try Fixtures.withFolder(["tokenizer.model": bytes]) { try Tokenizer(folder: $0) }
      _ = tokenizer.decode(tokenizer.encode("aab <s>é"))
    } catch is TokenizerError {}
  }

  private static func model() -> SentencePieceModel {
    var model = SentencePieceModel()
    let pieces: [(String, SentencePiecePiece.Kind)] = [
      ("<unk>", .unknown), ("<s>", .control), ("</s>", .control), ("a", .normal), ("b", .normal), ("▁", .normal),
      ("aa", .normal),
    ]
    for (text, kind) in pieces {
      var piece = SentencePiecePiece()
      (piece.text, piece.kind) = (text, kind)
      model.pieces.append(piece)
    }
    model.trainer.algorithm = .bpe
    model.normalizer.removesExtraSpaces = false
    return model
  }
}
