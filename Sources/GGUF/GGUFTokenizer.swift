import JSON
import ModelFiles
import SentencePieceModel

/// A GGUF file's tokenizer in the files of Hugging Face and SentencePiece.
struct GGUFTokenizer {
  /// The files by name.
  private(set) var files: TextKeyed<[UInt8]> = [:]
  /// What `generation_config.json` says of tokens.
  let generation: JSON

  private let path: String
  private let metadata: TextKeyed<JSON>
  private let tokens: [String]
  private let kinds: [GGUFTokenKind]

  /// Translates the tokenizer.
  /// - Throws: `ModelFileError` for kinds of tokenizers and ways to split text that are not read.
  init(_ contents: GGUFContents) throws {
    (path, metadata) = (contents.path, contents.metadata)
    func value(_ key: String) -> JSON? { contents.metadata["tokenizer.ggml.\(key)"] }
    tokens = value("tokens")?.array?.compactMap(\.string) ?? []
    guard !tokens.isEmpty, tokens.count == value("tokens")?.array?.count else {
      throw ModelFileError(path, "has no tokens")
    }
    kinds = (value("token_type")?.array ?? []).map { kind in
      kind.int.flatMap { GGUFTokenKind(rawValue: Int32(clamping: $0)) } ?? .normal
    }
    guard kinds.isEmpty || kinds.count == tokens.count else {
      throw ModelFileError(path, "has \(tokens.count) tokens, and types for \(kinds.count)")
    }
    let ids = ["bos", "eos", "eot", "padding"].map { value("\($0)_token_id")?.int }
    generation = [
      "bos_token_id": ids[0].map(JSON.integer) ?? .null,
      "eos_token_id": .array(([ids[1], ids[2]].compactMap(\.self)).map(JSON.integer)),
      "pad_token_id": ids[3].map(JSON.integer) ?? .null,
    ]
    switch value("model")?.string {
    case "gpt2": files["tokenizer.json"] = Array(try byteLevel().text.utf8)
    case "gemma4": files["tokenizer.json"] = Array(try characters().text.utf8)
    case "llama": files["tokenizer.model"] = try sentencePiece()
    case let model:
      throw ModelFileError(
        path, "has a tokenizer of kind '\(model ?? "")', which is not supported (supported: gpt2, llama, gemma4)")
    }
    files["tokenizer_config.json"] = Array(try settings().text.utf8)
  }

  private func value(_ key: String) -> JSON? { metadata["tokenizer.ggml.\(key)"] }

  private func kind(_ id: Int) -> GGUFTokenKind { kinds.indices.contains(id) ? kinds[id] : .normal }

  /// The token that a field names.
  private func token(_ name: String) throws -> String? {
    guard let id = value("\(name)_token_id")?.int else { return nil }
    guard tokens.indices.contains(id) else {
      throw ModelFileError(path, "\(name)_token_id is \(id), and there are \(tokens.count) tokens")
    }
    return tokens[id]
  }

  private var addsBOS: Bool {
    value("add_bos_token")?.bool
      ?? (value("model")?.string == "llama" || GGUFSplit(named: value("pre")?.string ?? "")?.addsBOS == true)
  }

  private func settings() throws -> JSON {
    var settings: TextKeyed<JSON> = [:]
    for (name, key) in [("bos", "bos_token"), ("eos", "eos_token"), ("unknown", "unk_token"), ("padding", "pad_token")]
    {
      if let token = try token(name) { settings[key] = .string(token) }
    }
    settings["add_bos_token"] = .bool(addsBOS)
    if value("model")?.string == "llama" { settings["legacy"] = true }
    if let template = metadata["tokenizer.chat_template"] { settings["chat_template"] = template }
    return .object(settings)
  }

  /// tokenizer.json of a tokenizer over bytes.
  private func byteLevel() throws -> JSON {
    guard let name = value("pre")?.string, name != "default" else {
      throw ModelFileError(
        path,
        "does not say how its tokenizer splits text (tokenizer.ggml.pre); use a file that was converted more lately")
    }
    guard let split = GGUFSplit(named: name) else {
      throw ModelFileError(path, "its tokenizer splits text as '\(name)' does, which is not supported")
    }
    return try definition(
      normalizer: split.composes ? ["type": "NFC"] : .null, preTokenizer: split.json, decoder: GGUFSplit.byteLevel,
      model: ["ignore_merges": .bool(split.ignoresMerges)])
  }

  /// tokenizer.json of a tokenizer over characters, whose merges are listed.
  private func characters() throws -> JSON {
    func replacing(_ text: String, by other: String) -> JSON {
      ["type": "Replace", "pattern": ["String": .string(text)], "content": .string(other)]
    }
    let decoders: [JSON] = [replacing("▁", by: " "), ["type": "ByteFallback"], ["type": "Fuse"]]
    return try definition(
      normalizer: replacing(" ", by: "▁"), preTokenizer: .null,
      decoder: ["type": "Sequence", "decoders": .array(decoders)],
      model: ["byte_fallback": true, "fuse_unk": true, "unk_token": token("unknown").map(JSON.string) ?? .null])
  }

  /// tokenizer.json with these parts.
  private func definition(
    normalizer: JSON, preTokenizer: JSON, decoder: JSON, model: TextKeyed<JSON>
  ) throws -> JSON {
    let added: [JSON] = tokens.indices.filter { kind($0) == .control || kind($0) == .userDefined }.map { id in
      [
        "id": .integer(id), "content": .string(tokens[id]), "single_word": false, "lstrip": false, "rstrip": false,
        "normalized": false, "special": .bool(kind(id) == .control),
      ]
    }
    var vocabulary: TextKeyed<JSON> = [:]
    for (id, token) in tokens.enumerated() where kind(id) != .unused { vocabulary[token] = .integer(id) }
    var model = model
    model["type"] = "BPE"
    model["vocab"] = .object(vocabulary)
    model["merges"] = value("merges") ?? []
    return [
      "version": "1.0", "added_tokens": .array(added), "normalizer": normalizer, "pre_tokenizer": preTokenizer,
      "post_processor": try addsBOS ? token("bos").map(beginning) ?? .null : .null, "decoder": decoder,
      "model": .object(model),
    ]
  }

  /// A post-processor that puts a token in front.
  private func beginning(_ token: String) -> JSON {
    let (own, text): (JSON, JSON) = (
      ["SpecialToken": ["id": .string(token), "type_id": 0]], ["Sequence": ["id": "A", "type_id": 0]]
    )
    return [
      "type": "TemplateProcessing", "single": [own, text], "pair": [own, text],
      "special_tokens": .object([
        token: [
          "id": .string(token), "ids": [.integer(tokens.firstIndex(of: token) ?? 0)], "tokens": [.string(token)],
        ]
      ]),
    ]
  }

  /// tokenizer.model.
  private func sentencePiece() throws -> [UInt8] {
    let scores = value("scores")?.array?.compactMap(\.double) ?? []
    guard scores.count == tokens.count else {
      throw ModelFileError(path, "has \(tokens.count) tokens, and scores for \(scores.count)")
    }
    var model = SentencePieceModel()
    // The last ones may be there for the model's rows alone.
    let count = tokens.indices.last { kind($0) != .unused }.map { $0 + 1 } ?? 0
    model.pieces = (0..<count).map { id in
      var piece = SentencePiecePiece()
      piece.text = tokens[id]
      piece.score = Float(scores[id])
      piece.kind = SentencePiecePiece.Kind(rawValue: Int(kind(id).rawValue)) ?? .normal
      return piece
    }
    model.trainer.algorithm = .bpe
    model.trainer.byteFallback = kinds.contains(.byte)
    func id(_ name: String) -> Int32 { Int32(clamping: value("\(name)_token_id")?.int ?? -1) }
    (model.trainer.bosID, model.trainer.eosID) = (id("bos"), id("eos"))
    (model.trainer.unknownID, model.trainer.padID) = (id("unknown"), id("padding"))
    model.normalizer.addsPrefixSpace = value("add_space_prefix")?.bool ?? true
    model.normalizer.removesExtraSpaces = false
    return try model.serializedBytes()
  }
}
