import JSON

extension TokenizerDefinition {
  /// Reads a tokenizer.json.
  init(tokenizerJSON bytes: [UInt8]) throws {
    var model = BytePairModel()
    var parts: TextKeyed<JSON> = [:]
    try bytes.withUnsafeBufferPointer { bytes in
      var parser = JSONParser(bytes: bytes)
      try parser.members { (key, parser) throws(JSONError) in
        if key == "model" { try model.read(&parser) } else { parts[key] = try parser.value() }
      }
      try parser.end()
    }
    vocabulary = try model.vocabulary()
    normalizer = try Self.part("normalizer", of: parts).map(Normalizer.init)
    preTokenizer = try Self.part("pre_tokenizer", of: parts).map(PreTokenizer.init)
    decoder = try Self.part("decoder", of: parts).map(DecoderStep.steps) ?? [.spaced]
    addsBOS = Self.part("post_processor", of: parts).map(Self.beginsWithToken) ?? false
    encoder = try model.encoder(vocabulary)
    specialTokens["pad_token"] = Self.part("padding", of: parts)?["pad_token"]?.string
    addedTokens = []
    guard let tokens = (Self.part("added_tokens", of: parts) ?? []).array else {
      throw TokenizerProblem("added_tokens must be a list")
    }
    for token in tokens { try add(try AddedToken(token)) }
  }

  private static func part(_ name: String, of parts: TextKeyed<JSON>) -> JSON? {
    parts[name].flatMap { $0 == .null ? nil : $0 }
  }

  /// Whether a post-processor puts a special token in front of a single sequence.
  private static func beginsWithToken(_ processor: JSON) -> Bool {
    switch processor["type"]?.string {
    case "TemplateProcessing": processor["single"]?.array?.first?["SpecialToken"] != nil
    case "Sequence": processor["processors"]?.array?.contains(where: beginsWithToken) ?? false
    case "BertProcessing", "RobertaProcessing": true
    default: false
    }
  }
}
