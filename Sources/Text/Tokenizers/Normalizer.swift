import JSON

/// A step that rewrites text before it is split (the `normalizer` of tokenizer.json).
indirect enum Normalizer: Sendable {
  case sequence([Normalizer])
  /// Puts a text in front, unless there is nothing to put it in front of.
  case prepend([UInt8])
  /// Writes one text, never empty, as another.
  case replace([UInt8], with: [UInt8])
  case form(UnicodeForm)
  /// Lower case, character by character.
  case lowercase
  /// Takes white space off the ends.
  case strip(left: Bool, right: Bool)
  /// Takes non-spacing marks out.
  case stripAccents
  /// Takes leading and trailing spaces off and makes one of each run of spaces, as SentencePiece does.
  case removeExtraSpaces

  /// Rewrites valid UTF-8.
  func apply(to bytes: inout [UInt8]) {
    switch self {
    case .sequence(let steps):
      for step in steps { step.apply(to: &bytes) }
    case .prepend(let prefix):
      if !bytes.isEmpty { bytes.insert(contentsOf: prefix, at: 0) }
    case .replace(let pattern, let content):
      bytes = Self.replace(pattern, with: content, in: bytes)
    case .form(let form): bytes = form.normalize(bytes)
    case .lowercase:
      bytes = Self.scalars(bytes).flatMap { $0.properties.lowercaseMapping.utf8 }
    case .strip(let left, let right):
      var scalars = Self.scalars(bytes)[...]
      if left { scalars = scalars.drop(while: \.isSpace) }
      while right, let last = scalars.last, last.isSpace { scalars.removeLast() }
      bytes = Self.utf8(scalars)
    case .stripAccents:
      bytes = Self.utf8(Self.scalars(bytes).filter { !$0.isAccent })
    case .removeExtraSpaces:
      bytes = Array(bytes.split(separator: 0x20).joined(separator: [0x20]))
    }
  }

  static func replace(_ pattern: [UInt8], with content: [UInt8], in bytes: [UInt8]) -> [UInt8] {
    bytes.withUnsafeBufferPointer { text in
      pattern.withUnsafeBufferPointer { pattern in
        content.withUnsafeBufferPointer { content in
          let matches = matchCount(of: pattern, in: text)
          let size = text.count + matches * (content.count - pattern.count)
          return matches == 0
            ? bytes
            : [UInt8](unsafeUninitializedCapacity: size) { output, count in
              var index = 0
              while index < text.count {
                if isMatch(of: pattern, at: index, in: text) {
                  for offset in content.indices { output.initializeElement(at: count + offset, to: content[offset]) }
                  count += content.count
                  index += pattern.count
                } else {
                  output.initializeElement(at: count, to: text[index])
                  count += 1
                  index += 1
                }
              }
            }
        }
      }
    }
  }

  private static func matchCount(of pattern: UnsafeBufferPointer<UInt8>, in text: UnsafeBufferPointer<UInt8>) -> Int {
    if pattern.count == 1 { return text.reduce(0) { $0 + ($1 == pattern[0] ? 1 : 0) } }
    var count = 0
    var index = 0
    while index < text.count {
      let isMatch = isMatch(of: pattern, at: index, in: text)
      count += isMatch ? 1 : 0
      index += isMatch ? pattern.count : 1
    }
    return count
  }

  @inline(__always)
  private static func isMatch(
    of pattern: UnsafeBufferPointer<UInt8>, at start: Int, in text: UnsafeBufferPointer<UInt8>
  ) -> Bool {
    guard text[start] == pattern.first, pattern.count <= text.count - start else { return false }
    for offset in 1..<pattern.count where text[start + offset] != pattern[offset] { return false }
    return true
  }

  private static func scalars(_ bytes: [UInt8]) -> String.UnicodeScalarView {
    String(decoding: bytes, as: UTF8.self).unicodeScalars
  }

  private static func utf8(_ scalars: some Sequence<Unicode.Scalar>) -> [UInt8] {
    scalars.flatMap { UTF8.encode($0) ?? .encodedReplacementCharacter }
  }
}

extension Normalizer {
  /// Reads the `normalizer` of tokenizer.json.
  init(_ json: JSON) throws(TokenizerProblem) {
    var growth = TextGrowth()
    try self.init(json, &growth)
  }

  private init(_ json: JSON, _ growth: inout TextGrowth) throws(TokenizerProblem) {
    let fields = Fields(json, "normalizer")
    try growth.add(in: fields)
    switch try fields.type() {
    case "Sequence":
      var steps: [Normalizer] = []
      for step in try fields.list("normalizers") { steps.append(try Normalizer(step, &growth)) }
      self = .sequence(steps)
    case "Prepend":
      let prefix = Array(try fields.text("prepend").utf8)
      // It is put in front of each stretch between added tokens, of a byte perhaps.
      try growth.add(as: 1 + prefix.count, in: fields)
      self = .prepend(prefix)
    case "Replace":
      let (pattern, content) = (try fields.literalPattern(), Array(try fields.text("content").utf8))
      try growth.add(pattern.count, as: content.count, in: fields)
      self = .replace(pattern, with: content)
    case "NFC": self = .form(.nfc)
    case "NFD": self = .form(.nfd)
    case "NFKC": self = .form(.nfkc)
    case "NFKD": self = .form(.nfkd)
    case "Lowercase": self = .lowercase
    case "Strip":
      self = .strip(
        left: try fields.flag("strip_left", default: true), right: try fields.flag("strip_right", default: true))
    case "StripAccents": self = .stripAccents
    case let type: throw fields.unsupported(type)
    }
  }
}

extension Fields {
  /// The field `pattern` of a step that replaces: a literal text.
  func literalPattern() throws(TokenizerProblem) -> [UInt8] {
    let pattern = try value("pattern")
    guard let literal = pattern["String"]?.string, !literal.isEmpty else {
      throw problem("replaces the pattern \(quotedToken(pattern.text)), where only {\"String\": text} is supported")
    }
    guard literal.utf8.count <= TextGrowth.longestPattern else {
      throw problem("looks for a text of more than \(TextGrowth.longestPattern) bytes")
    }
    return Array(literal.utf8)
  }
}
