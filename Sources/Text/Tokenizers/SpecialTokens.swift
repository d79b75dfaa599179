import JSON

/// The special tokens that the files of a tokenizer name, as transformers 5 reads them.
struct SpecialTokens: Sendable {
  /// The texts of those with a name, by it, such as `bos_token`.
  private(set) var named: TextKeyed<String> = [:]
  /// The texts of those without.
  private(set) var others: [String] = []

  private static let usual = [
    "bos_token", "eos_token", "unk_token", "sep_token", "pad_token", "cls_token", "mask_token",
  ]

  init() {}

  /// Reads tokenizer_config.json and, where that does not describe its tokens by id as newer ones do,
  /// special_tokens_map.json, which then has the last word.
  init(config: JSON?, map: JSON?) throws(TokenizerProblem) {
    try read(config?.object ?? [:])
    if config?["added_tokens_decoder"] == nil { try read(map?.object ?? [:]) }
  }

  private mutating func read(_ fields: TextKeyed<JSON>) throws(TokenizerProblem) {
    var ownNames: TextKeyed<JSON> = [:]
    for (name, value) in fields where name.hasSuffix("_token") {
      if !Self.usual.contains(name) {
        ownNames[name] = value
      } else if let text = Self.text(value) {
        named[name] = text
      } else {
        guard value == .null else { throw TokenizerProblem("\(name) should be a token, not \(value.kind)") }
        named[name] = nil
      }
    }
    let extra = fields["extra_special_tokens"]
    // Some fields end in `_token` without naming one: `add_bos_token`.
    ownNames = ownNames.filter { Self.text($0.value) != nil }
    ownNames.merge(extra?.object ?? [:]) { $1 }
    if ownNames.isEmpty { ownNames = fields["model_specific_special_tokens"]?.object ?? [:] }
    for (name, value) in ownNames { named[name] = Self.text(value) }
    let list = extra?.array.flatMap { $0.isEmpty ? nil : $0 } ?? fields["additional_special_tokens"]?.array
    others += (list ?? []).compactMap(Self.text)
  }

  private static func text(_ token: JSON) -> String? { token.string ?? token["content"]?.string }

  /// Takes the tokens that the tokenizer's own file names, where no other does, and puts the usual ones in front.
  mutating func complete(with standard: [String: String]) {
    var tokens: TextKeyed<String> = [:]
    for name in Self.usual { tokens[name] = named[name] ?? standard[name] }
    named = tokens.merging(named) { $1 }
  }

  /// The tokens that a vocabulary lacks.
  func missing(in vocabulary: Vocabulary) -> [(name: String, text: String)] {
    let unnamed = others.map { (name: "additional_special_tokens", text: $0) }
    return (named.map { (name: $0.key, text: $0.value) } + unnamed).filter { vocabulary.id(of: $0.text) == nil }
  }
}
