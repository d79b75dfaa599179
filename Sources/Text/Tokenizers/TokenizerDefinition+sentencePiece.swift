import SentencePieceModel

extension TokenizerDefinition {
  /// Reads a SentencePiece tokenizer.model.
  ///
  /// Control and unknown pieces (`<s>`, `</s>`, `<unk>`) and user-defined ones are looked for in text before all
  /// else, and the text between them is encoded on its own, as Hugging Face's Llama tokenizers do.
  /// - Parameters:
  ///   - prefixesEachText: whether a metaspace goes in front of the text after each special token ("legacy"), or only
  ///     in front of the first, if it does not begin with a space anyway.
  ///   - prefixes: overrides whether a metaspace goes in front at all.
  init(sentencePiece bytes: [UInt8], prefixesEachText: Bool, prefixes: Bool?) throws {
    let model: SentencePieceModel
    do {
      model = try SentencePieceModel(serializedBytes: bytes)
    } catch {
      throw TokenizerProblem("this is not a SentencePiece model: its protocol buffer is broken or cut off (\(error))")
    }
    try Self.check(model)
    vocabulary = Vocabulary()
    addedTokens = []
    for (id, piece) in model.pieces.enumerated() {
      try vocabulary.add(piece.text, id: id)
      switch piece.kind {
      case .unknown, .control, .userDefined:
        let isSpecial = piece.kind != .userDefined
        addedTokens.append(AddedToken(id: Int32(id), content: piece.text, isSpecial: isSpecial))
      case .unused: throw TokenizerProblem("piece \(id) is marked as unused, which is not supported")
      case .normal, .byte: break
      }
    }
    encoder = try Self.encoder(model, vocabulary)
    let trainer = model.trainer
    addsBOS = Self.id(trainer.bosID, in: model) != nil
    let special = [
      "bos_token": trainer.bosID, "eos_token": trainer.eosID, "pad_token": trainer.padID,
      "unk_token": trainer.unknownID,
    ]
    specialTokens = special.compactMapValues { Self.id($0, in: model).map { model.pieces[Int($0)].text } }

    let prefixes = prefixes ?? model.normalizer.addsPrefixSpace
    var steps: [Normalizer] = model.normalizer.removesExtraSpaces ? [.removeExtraSpaces] : []
    if prefixesEachText {
      if prefixes { steps.append(.prepend(Metaspace.bytes)) }
      steps.append(.replace([0x20], with: Metaspace.bytes))
    } else {
      preTokenizer = .metaspace(replacement: Metaspace.bytes, prepends: prefixes ? .first : .never, splits: false)
    }
    if !steps.isEmpty { normalizer = .sequence(steps) }
    decoder = [.replace(Metaspace.bytes, with: [0x20]), .byteFallback, .fuse]
    if prefixes { decoder.append(.strip(" ", start: 1, stop: 0)) }
  }

  private static func check(_ model: SentencePieceModel) throws(TokenizerProblem) {
    guard !model.pieces.isEmpty else { throw TokenizerProblem("this SentencePiece model has no pieces") }
    switch model.trainer.algorithm {
    case .bpe: break
    case .unigram: throw TokenizerProblem("this SentencePiece model is of type Unigram; only BPE is supported")
    case .word: throw TokenizerProblem("this SentencePiece model is of type Word; only BPE is supported")
    case .char: throw TokenizerProblem("this SentencePiece model is of type Char; only BPE is supported")
    }
    guard model.normalizer.characterMap.isEmpty else {
      throw TokenizerProblem(
        "this SentencePiece model normalizes text by \(quotedToken(model.normalizer.name)), which is not supported")
    }
    guard model.normalizer.escapesSpaces, !model.trainer.spaceIsSuffix else {
      throw TokenizerProblem(
        "this SentencePiece model does not write spaces as a ▁ before words; only that is supported")
    }
  }

  private static func id(_ id: Int32, in model: SentencePieceModel) -> Int32? {
    model.pieces.indices.contains(Int(id)) ? id : nil
  }

  /// Two neighbours merge if together they are a piece; the piece with the higher score goes first.
  private static func encoder(
    _ model: SentencePieceModel, _ vocabulary: Vocabulary
  ) throws(TokenizerProblem) -> BytePairEncoder {
    let normal = model.pieces.indices.filter { model.pieces[$0].kind == .normal }
    let scores = Set(normal.map { model.pieces[$0].score })
    guard !scores.contains(where: \.isNaN) else { throw TokenizerProblem("a piece has a score that is not a number") }
    let ranks = Dictionary(
      uniqueKeysWithValues: zip(scores.sorted(by: >), UInt32(0)...))
    var merges = MergeTable()
    for id in normal {
      let count = model.pieces[id].text.utf8.count
      guard count <= longestPiece else {
        throw TokenizerProblem("piece \(id) has \(count) bytes; at most \(longestPiece) are supported")
      }
      merges.addSplits(of: Int32(id), in: vocabulary, rank: ranks[model.pieces[id].score] ?? .max) {
        model.pieces[Int($0)].kind == .normal
      }
    }
    return BytePairEncoder(
      vocabulary: vocabulary, merges: merges, unknown: id(model.trainer.unknownID, in: model), fusesUnknown: true,
      fallsBackToBytes: model.trainer.byteFallback)
  }
}
