import JSON

/// A step that splits text into the pieces that merges do not cross (the `pre_tokenizer` of tokenizer.json).
indirect enum PreTokenizer: Sendable {
  case sequence([PreTokenizer])
  /// Spells bytes as characters, after splitting as GPT-2 does if `splits`.
  case byteLevel(addsPrefixSpace: Bool, splits: Bool)
  case split(SplitPattern, SplitBehavior, inverted: Bool)
  /// Writes spaces as `replacement` and prepends it.
  case metaspace(replacement: [UInt8], prepends: PrependScheme, splits: Bool)
  /// Splits numbers off, each digit on its own or together.
  case digits(SplitBehavior)
  /// Keeps runs of word characters and runs of other visible characters.
  case words
  /// Keeps what lies between white space.
  case spaceSeparated
  case punctuation(SplitBehavior)

  /// Which pieces get a metaspace in front.
  enum PrependScheme: String, Sendable {
    case always, first, never
  }

  /// Takes this step on all pieces.
  func apply(to pieces: inout Pieces) {
    switch self {
    case .sequence(let steps):
      for step in steps { step.apply(to: &pieces) }
    case .byteLevel(let addsPrefixSpace, let splits):
      if addsPrefixSpace { pieces.prepend([0x20], onlyFirst: false) }
      if splits { pieces.split(by: .gpt2, .isolated) }
      pieces.spellBytes()
    case .split(let pattern, let behavior, let inverted):
      pieces.split(by: pattern, behavior, inverted: inverted)
    case .metaspace(let replacement, let prepends, let splits):
      pieces.replaceSpaces(by: replacement)
      if prepends != .never { pieces.prepend(replacement, onlyFirst: prepends == .first) }
      if splits { pieces.split(by: .literal(replacement), .mergedWithNext) }
    case .digits(let behavior):
      pieces.split(behavior) { $0.isNumeric }
    case .words:
      pieces.split(.removed) { UnicodeClass($0) == .space }
      // What is left has only two kinds of characters; runs of either are pieces.
      pieces.split(.contiguous) { $0.isWord }
    case .spaceSeparated:
      pieces.split(.removed) { UnicodeClass($0) == .space }
    case .punctuation(let behavior):
      pieces.split(behavior) { $0.isPunctuation }
    }
  }
}

extension PreTokenizer {
  /// Reads the `pre_tokenizer` of tokenizer.json.
  init(_ json: JSON) throws(TokenizerProblem) {
    var growth = TextGrowth()
    try self.init(json, &growth)
  }

  private init(_ json: JSON, _ growth: inout TextGrowth) throws(TokenizerProblem) {
    let fields = Fields(json, "pre-tokenizer")
    try growth.add(in: fields)
    switch try fields.type() {
    case "Sequence":
      var steps: [PreTokenizer] = []
      for step in try fields.list("pretokenizers") { steps.append(try PreTokenizer(step, &growth)) }
      self = .sequence(steps)
    case "ByteLevel":
      let addsPrefixSpace = try fields.flag("add_prefix_space", default: true)
      // A byte becomes two at most, and a piece of a byte gets a space.
      try growth.add(as: addsPrefixSpace ? 4 : 2, in: fields)
      self = .byteLevel(
        addsPrefixSpace: addsPrefixSpace,
        splits: try fields.flag("use_regex", default: true))
    case "Split":
      let pattern = try SplitPattern(try fields.value("pattern"))
      let inverted = try fields.flag("invert", default: false)
      self = .split(pattern, try fields.behavior(default: nil), inverted: inverted)
    case "Metaspace":
      let replacement = Array(String(try fields.scalar("replacement", default: Metaspace.character)).utf8)
      try growth.add(as: 2 * replacement.count, in: fields)
      self = try .metaspace(
        replacement: replacement,
        prepends: try fields.prependScheme(), splits: try fields.flag("split", default: true))
    case "Digits":
      self = .digits(try fields.flag("individual_digits", default: false) ? .isolated : .contiguous)
    case "Whitespace": self = .words
    case "WhitespaceSplit": self = .spaceSeparated
    case "Punctuation": self = .punctuation(try fields.behavior(default: .isolated))
    case let type: throw fields.unsupported(type)
    }
  }
}

extension SplitPattern {
  /// Reads a pattern of tokenizer.json: `{"String": …}` or `{"Regex": …}`.
  init(_ json: JSON) throws(TokenizerProblem) {
    if let literal = json["String"]?.string, !literal.isEmpty {
      guard literal.utf8.count <= TextGrowth.longestPattern else {
        throw TokenizerProblem("the pre-tokenizer looks for a text of more than \(TextGrowth.longestPattern) bytes")
      }
      self = .literal(Array(literal.utf8))
    } else if let regex = json["Regex"]?.string {
      try self.init(regex: regex)
    } else {
      throw TokenizerProblem("a pattern is {\"String\": text} or {\"Regex\": text}, not \(quotedToken(json.text))")
    }
  }
}

extension Fields {
  /// The field `behavior`.
  func behavior(default standard: SplitBehavior?) throws(TokenizerProblem) -> SplitBehavior {
    let name = try text("behavior", default: standard?.rawValue)
    guard let behavior = SplitBehavior(rawValue: name) else {
      throw problem("has the unknown behavior \(quotedToken(name))")
    }
    return behavior
  }

  /// The field `prepend_scheme`, or what the older `add_prefix_space` says.
  func prependScheme() throws(TokenizerProblem) -> PreTokenizer.PrependScheme {
    let adds = try flag("add_prefix_space", default: true)
    let name = try text("prepend_scheme", default: adds ? "always" : "never")
    guard let scheme = PreTokenizer.PrependScheme(rawValue: name) else {
      throw problem("has the unknown prepend_scheme \(quotedToken(name))")
    }
    return scheme
  }
}
