import Foundation
import Testing
import Text

/// Published tokenizers against published ids; skipped where the files are absent.
@Suite(.enabled(if: Fixtures.haveReal, "no real files: set CARAVAN_SHARED"))
struct RealTokenizerTests {
  @Test(arguments: [
    ("llama-spm", "llama2-tokenizer/tokenizer.model"), ("llama-spm", "llama2-tokenizer/tokenizer.json"),
    ("gpt-2", "gpt2-tokenizer/tokenizer.json"),
  ])
  func agreesWithPublishedIds(vectors: String, file: String) throws {
    let file = Fixtures.real.appending(path: file)
    let tokenizer = try file.pathExtension == "json" ? Tokenizer(jsonFile: file) : Tokenizer(sentencePieceFile: file)
    let vectors = Fixtures.real.appending(path: "tokenizer-vectors/ggml-vocab-\(vectors).gguf").path
    let texts = try String(contentsOfFile: vectors + ".inp", encoding: .utf8)
      .components(separatedBy: "\n__ggml_vocab_test__\n")
    let lines = try String(contentsOfFile: vectors + ".out", encoding: .utf8).split(
      separator: "\n", omittingEmptySubsequences: false)
    #expect(texts.count == 47)
    for (text, line) in zip(texts, lines) {
      let ids = line.split(separator: " ").compactMap { Int32($0) }
      #expect(tokenizer.encode(text) == ids, "\(text.debugDescription)")
      #expect(Array(tokenizer.decode(ids).utf8) == Array(text.utf8))
    }
  }

  @Test(arguments: ["llama2-tokenizer", "stories260K"])
  func bothFormatsAgree(folder: String) throws {
    let folder = Fixtures.real.appending(path: folder)
    let json = try Tokenizer(jsonFile: folder.appending(path: "tokenizer.json"))
    let model = try Tokenizer(sentencePieceFile: folder.appending(path: "tokenizer.model"))
    #expect(json.vocabularySize == model.vocabularySize)
    for text in try #require(Fixtures.json("texts.json").array).compactMap(\.string) {
      let ids = json.encode(text)
      #expect(ids == model.encode(text), "\(text.debugDescription)")
      #expect(json.decode(ids) == model.decode(ids))
    }
  }

  @Test func readsModelFolders() throws {
    let llama = try Tokenizer(folder: Fixtures.real.appending(path: "llama2-tokenizer"))
    #expect(llama.vocabularySize == 32000)
    #expect(llama.bos == 1 && llama.eos == 2 && llama.pad == nil)
    #expect(llama.bosToken == "<s>" && llama.eosToken == "</s>")
    #expect(llama.addsBOS && llama.isSpecial(0) && llama.isSpecial(2) && !llama.isSpecial(3))
    #expect(llama.token(for: 15043) == "▁Hello" && llama.id(for: "▁Hello") == 15043)
    let gpt2 = try Tokenizer(folder: Fixtures.real.appending(path: "gpt2-tokenizer"))
    #expect(gpt2.vocabularySize == 50257)
    #expect(gpt2.bos == 50256 && gpt2.eos == 50256 && !gpt2.addsBOS)
  }

  @Test func keepsCanonicallyEquivalentTokensApart() throws {
    let tokenizer = try Tokenizer(folder: Fixtures.real.appending(path: "llama2-tokenizer"))
    let (tonos, oxia) = (tokenizer.id(for: "\u{3AC}"), tokenizer.id(for: "\u{1F71}"))
    #expect(tonos != nil && oxia != nil && tonos != oxia)
  }
}
