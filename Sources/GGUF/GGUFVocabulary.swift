import Foundation
import JSON
import ModelFiles
import SentencePieceModel
import Text

/// A tokenizer in the words of llama.cpp, which has two kinds of byte-pair encoding: `llama`, after SentencePiece, where
/// each token has a score and the best merge is the one whose result has the highest, and `gpt2`, over bytes, where
/// merges are listed.
struct GGUFVocabulary {
  private(set) var metadata: TextKeyed<MetadataValue> = [:]
  /// What llama.cpp does otherwise, to be said.
  private(set) var notes: [String] = []

  /// The score of tokens that no merge makes, as llama.cpp's converter has it.
  private static let addedScore: Float = -1000

  /// Reads the tokenizer of a model's folder.
  /// - Throws: `TokenizerError`; `ModelFileError` where llama.cpp has no such tokenizer.
  init(_ folder: ModelFolder) throws {
    let tokenizer = try Tokenizer(folder: folder.url)
    let contents = tokenizer.contents
    let size = folder.config.vocabularySize
    guard contents.tokens.count <= size else {
      throw ModelFileError(
        folder.url.path, "the tokenizer has \(contents.tokens.count) tokens, the model only \(size)")
    }
    switch contents.scheme {
    case .characters(let prefix): try addCharacters(contents, prefix, folder)
    case .bytes(let steps): try addBytes(contents, steps, folder)
    case .other:
      throw ModelFileError(folder.url.path, "the tokenizer splits text in a way that llama.cpp does not know")
    }
    if contents.normalizes {
      notes.append("llama.cpp does not normalize text before it is tokenized, as this tokenizer does")
    }
    addTokens(contents, size: size)
    addSpecialTokens(tokenizer, folder)
    if let template = tokenizer.chatTemplate {
      metadata["tokenizer.chat_template"] = .text(template)
    } else {
      notes.append("the tokenizer has no chat template, so the file has none")
    }
  }

  private mutating func addCharacters(
    _ contents: TokenizerContents, _ prefix: TokenizerContents.Prefix, _ folder: ModelFolder
  ) throws {
    metadata["tokenizer.ggml.model"] = .text("llama")
    metadata["tokenizer.ggml.pre"] = .text("default")
    metadata["tokenizer.ggml.add_space_prefix"] = .bool(prefix != .none)
    if prefix == .unlessThere {
      notes.append(
        "llama.cpp puts a space before the text after every special token; this tokenizer does not always do so")
    }
    let scores = try Self.trainedScores(contents, folder) ?? Self.derivedScores(contents, folder)
    // Rows of the model without a token have the lowest score of all.
    let padding = [Float](repeating: -10000, count: folder.config.vocabularySize - scores.count)
    metadata["tokenizer.ggml.scores"] = .float32s(scores + padding)
  }

  /// The scores that tokenizer.model holds; nil where there is no such file, or one of other tokens.
  private static func trainedScores(_ contents: TokenizerContents, _ folder: ModelFolder) throws -> [Float]? {
    let path = folder.url.appending(path: "tokenizer.model").path
    guard let bytes = FileManager.default.contents(atPath: path),
      let model = try? SentencePieceModel(serializedBytes: bytes)
    else { return nil }
    var scores: [Float] = []
    for (id, token) in contents.tokens.enumerated() {
      let piece = model.pieces.indices.contains(id) ? model.pieces[id] : nil
      if let token, let piece, piece.text.utf8.elementsEqual(token.text) {
        scores.append(piece.score)
      } else if token == nil || token?.kind == .control || token?.kind == .userDefined {
        scores.append(addedScore)
      } else {
        return nil
      }
    }
    return scores
  }

  /// Scores under which llama.cpp merges as the list of merges says: minus the rank of the merges that make a token.
  ///
  /// llama.cpp merges any two tokens that together are one. That is the same if all of a token's splits are merges and
  /// follow on each other in the list, as in all lists that were made from a SentencePiece model.
  private static func derivedScores(_ contents: TokenizerContents, _ folder: ModelFolder) throws -> [Float] {
    var ids: [[UInt8]: Int32] = [:]
    for (id, token) in contents.tokens.enumerated() {
      if let token, token.kind == .normal { ids[token.text] = Int32(clamping: id) }
    }
    var scores = contents.tokens.map { $0?.kind == .byte || $0?.kind == .unknown ? 0 : addedScore }
    var splits: [Int32: Int] = [:]
    var rank: Float = 0
    for (index, merge) in contents.merges.enumerated() {
      if index == 0 || contents.merges[index - 1].merged != merge.merged {
        guard splits[merge.merged] == nil else { throw unlikeSentencePiece(folder) }
        scores[Int(merge.merged)] = -rank
        rank += 1
      }
      splits[merge.merged, default: 0] += 1
    }
    for (text, id) in ids {
      let possible = text.indices.dropFirst().count { split in
        text[split] & 0xC0 != 0x80 && ids[Array(text[..<split])] != nil && ids[Array(text[split...])] != nil
      }
      guard possible == splits[id] ?? 0 else { throw unlikeSentencePiece(folder) }
      if splits[id] == nil { scores[Int(id)] = -rank }
    }
    return scores
  }

  private static func unlikeSentencePiece(_ folder: ModelFolder) -> ModelFileError {
    ModelFileError(
      folder.url.path,
      "the merges of tokenizer.json are none that llama.cpp can repeat without the scores of a tokenizer.model; "
        + "put the model's tokenizer.model beside it")
  }

  private mutating func addBytes(
    _ contents: TokenizerContents, _ steps: [TokenizerContents.Split], _ folder: ModelFolder
  ) throws {
    // Whether words that are tokens are taken as they are hangs on the name, too.
    guard let split = GGUFSplit(steps, ignoresMerges: contents.ignoresMerges) else {
      throw ModelFileError(
        folder.url.path, "llama.cpp knows no tokenizer that splits text so and takes words before merges")
    }
    metadata["tokenizer.ggml.model"] = .text("gpt2")
    metadata["tokenizer.ggml.pre"] = .text(split.names[0])
    let merges = try contents.merges.map { merge in
      let halves = [merge.left, merge.right].compactMap { contents.tokens[Int($0)]?.text }
      guard halves.count == 2, !halves.joined().contains(UInt8(ascii: " ")) else {
        throw ModelFileError(folder.url.path, "the tokenizer merges a token with a space, which GGUF cannot write")
      }
      return Array(halves.joined(separator: [UInt8(ascii: " ")]))
    }
    metadata["tokenizer.ggml.merges"] = .strings(merges)
  }

  private mutating func addTokens(_ contents: TokenizerContents, size: Int) {
    var texts: [[UInt8]] = []
    var kinds: [Int32] = []
    for id in 0..<size {
      guard id < contents.tokens.count, let token = contents.tokens[id] else {
        texts.append(Array("[PAD\(id)]".utf8))
        kinds.append(GGUFTokenKind.unused.rawValue)
        continue
      }
      // llama.cpp looks for these in text as it comes, where spaces are spaces.
      texts.append(
        token.kind == .userDefined
          ? Array(String(decoding: token.text, as: UTF8.self).replacing("▁", with: " ").utf8) : token.text)
      kinds.append(GGUFTokenKind(token.kind).rawValue)
    }
    metadata["tokenizer.ggml.tokens"] = .strings(texts)
    metadata["tokenizer.ggml.token_type"] = .int32s(kinds)
  }

  private mutating func addSpecialTokens(_ tokenizer: Tokenizer, _ folder: ModelFolder) {
    let (config, generation) = (folder.config, folder.generationConfig)
    func add(_ name: String, _ id: Int?) {
      guard let id, id < config.vocabularySize else { return }
      metadata["tokenizer.ggml.\(name)_token_id"] = .number(id)
    }
    let end = tokenizer.eos.map(Int.init) ?? generation.eosTokenIDs.first
    add("bos", tokenizer.bos.map(Int.init) ?? generation.bosTokenID ?? config.bosTokenID)
    add("eos", end)
    add("unknown", tokenizer.unknown.map(Int.init))
    add("padding", tokenizer.pad.map(Int.init) ?? generation.padTokenID)
    // Models of conversations may end a turn with another token than a text.
    let others = generation.eosTokenIDs.filter { $0 != end }
    if let first = others.first { add("eot", first) }
    if others.count > 1 {
      let names = others.dropFirst().map { tokenizer.token(for: Int32(clamping: $0)) ?? "\($0)" }.joined(
        separator: ", ")
      notes.append(
        "the file has no place for further tokens that end a text; llama.cpp must know \(names) by their names")
    }
    metadata["tokenizer.ggml.add_bos_token"] = .bool(tokenizer.addsBOS)
    metadata["tokenizer.ggml.add_eos_token"] = .bool(false)
  }
}
