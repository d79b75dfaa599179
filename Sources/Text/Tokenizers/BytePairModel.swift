import JSON

/// The `model` of a tokenizer.json as it is read: byte-pair encoding, or what is to be refused.
struct BytePairModel {
  private var tokens: [(text: String, id: Int)] = []
  private var merges: [Merge] = []
  private var settings: TextKeyed<JSON> = [:]

  private struct Merge {
    var left: String
    var right: String
  }

  /// Reads the object member by member: a vocabulary has many members, some of which are equal as Swift strings.
  mutating func read(_ parser: inout JSONParser) throws(JSONError) {
    self = BytePairModel()
    try parser.members { (key, parser) throws(JSONError) in
      switch key {
      case "vocab" where parser.isAtObject:
        try parser.members { (token, parser) throws(JSONError) in
          guard let id = try parser.value().int else { throw parser.error("an id, a whole number, was expected") }
          tokens.append((token, id))
        }
      case "merges":
        try parser.elements { (parser) throws(JSONError) in merges.append(try Self.merge(&parser)) }
      default: settings[key] = try parser.value()
      }
    }
  }

  /// A merge is written `"a b"`, or `["a", "b"]` in newer files.
  private static func merge(_ parser: inout JSONParser) throws(JSONError) -> Merge {
    let json = try parser.value()
    if let pair = json.array, pair.count == 2, let left = pair[0].string, let right = pair[1].string {
      return Merge(left: left, right: right)
    }
    let halves = json.string?.utf8.split(separator: UInt8(ascii: " "), omittingEmptySubsequences: false) ?? []
    guard halves.count == 2, let left = String(halves[0]), let right = String(halves[1]) else {
      throw parser.error("a merge, two tokens, was expected")
    }
    return Merge(left: left, right: right)
  }

  func vocabulary() throws -> Vocabulary {
    let type = settings["type"]?.string ?? "BPE"
    guard type == "BPE" else {
      throw TokenizerProblem("the model type \(quotedToken(type)) is not supported, only BPE is")
    }
    guard settings["vocab"] == nil else { throw TokenizerProblem("the model's vocab must be an object") }
    var vocabulary = Vocabulary()
    for token in tokens { try vocabulary.add(token.text, id: token.id) }
    guard vocabulary.count > 0 else { throw TokenizerProblem("the model has no vocabulary") }
    return vocabulary
  }

  func encoder(_ vocabulary: Vocabulary) throws -> BytePairEncoder {
    let fields = Fields(.object(settings), "model")
    for key in ["continuing_subword_prefix", "end_of_word_suffix"] {
      guard try fields.text(key, default: "").isEmpty else {
        throw fields.problem("has a value for \(key), which is not supported")
      }
    }
    guard settings["dropout"]?.double ?? 0 == 0 else { throw fields.problem("has a dropout, which is not supported") }
    var table = MergeTable()
    for (rank, merge) in merges.enumerated() {
      guard let left = vocabulary.id(of: merge.left), let right = vocabulary.id(of: merge.right) else {
        throw fields.problem(
          "merges \(quotedToken(merge.left)) and \(quotedToken(merge.right)) (merge \(rank)), of which one is not a token"
        )
      }
      guard let merged = vocabulary.id(of: merge.left + merge.right) else {
        throw fields.problem(
          "merges \(quotedToken(merge.left)) and \(quotedToken(merge.right)) (merge \(rank)), which together are not a token"
        )
      }
      guard let rank = UInt32(exactly: rank) else { throw fields.problem("has too many merges") }
      table.set(left, right, rank: rank, merged: merged)
    }
    let unknown = try fields.text("unk_token", default: "")
    let unknownID = unknown.isEmpty ? nil : vocabulary.id(of: unknown)
    guard unknown.isEmpty || unknownID != nil else {
      throw fields.problem("has the unk_token \(quotedToken(unknown)), which is not a token")
    }
    return BytePairEncoder(
      vocabulary: vocabulary, merges: table, unknown: unknownID,
      fusesUnknown: try fields.flag("fuse_unk", default: false),
      fallsBackToBytes: try fields.flag("byte_fallback", default: false),
      ignoresMerges: try fields.flag("ignore_merges", default: false))
  }
}
