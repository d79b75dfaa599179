import JSON

/// A step that turns tokens back into text (the `decoder` of tokenizer.json).
enum DecoderStep: Sendable {
  /// Writes one text, never empty, as another, in each token.
  case replace([UInt8], with: [UInt8])
  /// Makes characters of tokens such as `<0x0A>`.
  case byteFallback
  /// Makes one token of all.
  case fuse
  /// Takes up to `start` and `stop` of the character off the ends of each token.
  case strip(Unicode.Scalar, start: Int, stop: Int)
  /// Makes text of the characters that spell bytes, and one token of all.
  case byteLevel
  /// Writes metaspaces as spaces; leaves them out of the first token if they were prepended.
  case metaspace(Unicode.Scalar, wasPrepended: Bool)
  /// Writes the suffix of a word's last token as a space, and leaves it out of the last token of all.
  case wordSuffix([UInt8])
  /// Puts a space between tokens: what happens where a tokenizer has no decoder.
  case spaced

  /// Reads the `decoder` of tokenizer.json: one step, or several in sequences.
  static func steps(_ json: JSON) throws(TokenizerProblem) -> [DecoderStep] {
    var growth = TextGrowth()
    return try steps(json, &growth)
  }

  private static func steps(_ json: JSON, _ growth: inout TextGrowth) throws(TokenizerProblem) -> [DecoderStep] {
    let fields = Fields(json, "decoder")
    try growth.add(in: fields)
    switch try fields.type() {
    case "Sequence":
      var steps: [DecoderStep] = []
      for step in try fields.list("decoders") { steps += try self.steps(step, &growth) }
      return steps
    case "Replace":
      let (pattern, content) = (try fields.literalPattern(), Array(try fields.text("content").utf8))
      try growth.add(pattern.count, as: content.count, in: fields)
      return [.replace(pattern, with: content)]
    case "ByteFallback": return [.byteFallback]
    case "Fuse": return [.fuse]
    case "Strip":
      let (start, stop) = (try fields.integer("start"), try fields.integer("stop"))
      guard start >= 0, stop >= 0 else { throw fields.problem("strips a negative number of characters") }
      return [.strip(try fields.scalar("content"), start: start, stop: stop)]
    case "ByteLevel": return [.byteLevel]
    case "Metaspace":
      let wasPrepended = try fields.prependScheme() != .never
      return [.metaspace(try fields.scalar("replacement", default: Metaspace.character), wasPrepended: wasPrepended)]
    case "BPEDecoder":
      let suffix = Array(try fields.text("suffix", default: "</w>").utf8)
      guard 1...TextGrowth.longestPattern ~= suffix.count else {
        throw fields.problem("has a suffix that is empty or longer than \(TextGrowth.longestPattern) bytes")
      }
      return [.wordSuffix(suffix)]
    case let type: throw fields.unsupported(type)
    }
  }
}

extension Fields {
  /// A field that holds one character.
  func scalar(_ key: String, default standard: String? = nil) throws(TokenizerProblem) -> Unicode.Scalar {
    let text = try self.text(key, default: standard)
    guard let scalar = text.unicodeScalars.first, text.unicodeScalars.count == 1 else {
      throw problem("has a field \(quotedToken(key)) that should be one character, not \(quotedToken(text))")
    }
    return scalar
  }
}
