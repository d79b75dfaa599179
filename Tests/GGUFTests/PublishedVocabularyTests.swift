import Foundation
import ModelFiles
import TestSupport
import Testing
import Text

@testable import GGUF

/// The folder of llama.cpp's vocabularies (`models/ggml-vocab-*.gguf`, with texts in `.inp` and their ids in `.out`), where one is
/// given.
private let folder = ProcessInfo.processInfo.environment["CARAVAN_VOCABULARIES"].map { URL(filePath: $0) }

/// Published vocabularies as llama.cpp has them, against its ids.
@Suite(.enabled(if: folder != nil, "no vocabularies: set CARAVAN_VOCABULARIES"))
struct PublishedVocabularyTests {
  private static let names: [String] = {
    let files = folder.flatMap { try? FileManager.default.contentsOfDirectory(atPath: $0.path) } ?? []
    return files.filter { $0.hasSuffix(".gguf.inp") }.map { String($0.dropLast(4)) }.sorted()
  }()

  /// WordPiece and Unigram are no tokenizers of models that answer.
  private static let refused = ["ggml-vocab-bert-bge.gguf": "bert"]

  @Test func thereAreSome() { #expect(!Self.names.isEmpty) }

  @Test(arguments: names) func agreesWithPublishedIds(name: String) throws {
    let file = try #require(folder).appending(path: name)
    let contents = try GGUFContents(path: file.path)
    if let model = Self.refused[name] {
      let error = #expect(throws: ModelFileError.self) { try GGUFTokenizer(contents) }
      #expect(error?.reason.hasPrefix("has a tokenizer of kind '\(model)', which is not supported") == true)
      return
    }
    let place = try TemporaryFolder()
    for (name, bytes) in try GGUFTokenizer(contents).files { try place.write(name, bytes) }
    let tokenizer = try Tokenizer(folder: place.url)
    let texts = try String(contentsOfFile: file.path + ".inp", encoding: .utf8)
      .components(separatedBy: "\n__ggml_vocab_test__\n")
    let lines = try String(contentsOfFile: file.path + ".out", encoding: .utf8).split(
      separator: "\n", omittingEmptySubsequences: false)
    #expect(texts.count >= 46 && lines.dropFirst(texts.count).allSatisfy(\.isEmpty))
    for (text, line) in zip(texts, lines) {
      let ids = line.split(separator: " ").compactMap { Int32($0) }
      // llama.cpp has no normalizer, which Qwen's tokenizers have.
      let isComposed = text.utf8.elementsEqual(text.precomposedStringWithCanonicalMapping.utf8)
      if isComposed || !name.contains("qwen") { #expect(tokenizer.encode(text) == ids, "\(text.debugDescription)") }
      #expect(Array(tokenizer.decode(ids).utf8) == Array(text.utf8))
    }
  }
}
