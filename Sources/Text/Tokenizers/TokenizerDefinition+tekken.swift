import JSON

extension TokenizerDefinition {
  /// Reads a tekken.json, in which Mistral publishes its tokenizers: special tokens first, and ranked tokens after them.
  init(tekken bytes: [UInt8]) throws {
    var file = TekkenFile()
    try bytes.withUnsafeBufferPointer { bytes in
      var parser = JSONParser(bytes: bytes)
      try file.read(&parser)
      try parser.end()
    }
    let config = Fields(file.config, "config")
    let size = try config.integer("default_vocab_size")
    let names = try file.specialTokens(count: config.integer("default_num_special_tokens"))
    guard size > names.count, size - names.count <= file.tokens.count else {
      throw config.problem(
        "wants \(size) tokens, of which \(names.count) are special, and there are \(file.tokens.count) others")
    }
    // What a file has beyond them is spare.
    let wanted = size - names.count
    var tokens = RankedTokens()
    for token in file.tokens where token.rank < wanted {
      try tokens.add(base64: token.bytes, id: names.count + token.rank)
    }
    guard tokens.vocabulary.count == wanted else {
      throw TokenizerProblem("the vocab lacks \(wanted - tokens.vocabulary.count) of the first \(wanted) ranks")
    }
    try self.init(tokens, splittingBy: config.text("pattern"))
    try add(special: names, from: 0)
    addsBOS = names.contains("<s>")
    specialTokens = ["bos_token": "<s>", "eos_token": "</s>", "unk_token": "<unk>", "pad_token": "<pad>"].filter {
      names.contains($0.value)
    }
  }
}

/// The parts of a tekken.json that count.
private struct TekkenFile {
  var config = JSON.null
  var tokens: [(rank: Int, bytes: String)] = []
  private var special: [JSON]?

  /// Some files have a thousand places for special tokens.
  private static let mostSpecial = 1 << 14

  /// Those of files that list none, as the first ones.
  private static let firstNames = [
    "<unk>", "<s>", "</s>", "[INST]", "[/INST]", "[AVAILABLE_TOOLS]", "[/AVAILABLE_TOOLS]", "[TOOL_RESULTS]",
    "[/TOOL_RESULTS]", "[TOOL_CALLS]", "[IMG]", "<pad>", "[IMG_BREAK]", "[IMG_END]", "[PREFIX]", "[MIDDLE]", "[SUFFIX]",
    "[SYSTEM_PROMPT]", "[/SYSTEM_PROMPT]", "[TOOL_CONTENT]",
  ]

  /// Reads the object member by member: a vocabulary has many.
  mutating func read(_ parser: inout JSONParser) throws(JSONError) {
    try parser.members { (key, parser) throws(JSONError) in
      switch key {
      case "config": config = try parser.value()
      case "special_tokens":
        let value = try parser.value()
        guard value == .null || value.array != nil else { throw parser.error("a list of tokens was expected") }
        special = value.array
      case "vocab":
        try parser.elements { (parser) throws(JSONError) in
          let token = try parser.value()
          guard let rank = token["rank"]?.int, rank >= 0, let bytes = token["token_bytes"]?.string else {
            throw parser.error("a token with its rank and token_bytes was expected")
          }
          tokens.append((rank, bytes))
        }
      default: _ = try parser.value()
      }
    }
  }

  /// The special tokens by their ids; places without one have a name of their own.
  func specialTokens(count: Int) throws(TokenizerProblem) -> [String] {
    guard (0...Self.mostSpecial).contains(count) else {
      throw TokenizerProblem("the config has \(count) special tokens; at most \(Self.mostSpecial) are supported")
    }
    var names = (0..<count).map { "<SPECIAL_\($0)>" }
    guard let special else {
      names.replaceSubrange(..<min(count, Self.firstNames.count), with: Self.firstNames.prefix(count))
      return names
    }
    for token in special {
      let fields = Fields(token, "special token")
      let (rank, name) = (try fields.integer("rank"), try fields.text("token_str"))
      guard names.indices.contains(rank) else {
        throw fields.problem("\(quotedToken(name)) has the rank \(rank), and the config only \(count) such tokens")
      }
      names[rank] = name
    }
    return names
  }
}
