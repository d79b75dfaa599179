import JSON

/// A decoder step at work on a stream of tokens: tokens go in one by one, and come out changed as soon as no later
/// token can change them any more.
enum DecoderStage: Sendable {
  case replace([UInt8], with: [UInt8])
  /// The bytes of the byte tokens since the last other token.
  case byteFallback(pending: [UInt8])
  case strip([UInt8], start: Int, stop: Int)
  /// Strips the beginning of a token that comes in parts; `left` more may go.
  case stripBeginning([UInt8], left: Int)
  /// The bytes that may be the beginning of a character.
  case byteLevel(pending: [UInt8])
  case metaspace([UInt8], isFirst: Bool, wasPrepended: Bool)
  /// The last token, whose suffix depends on whether another follows.
  case wordSuffix([UInt8], pending: [UInt8]?)
  case spaced(isFirst: Bool)
  /// Waits for the end, where all tokens are one.
  case collect([UInt8])

  /// The stages of a decoder's steps.
  static func stages(_ steps: [DecoderStep]) -> [DecoderStage] {
    var stages: [DecoderStage] = []
    for (index, step) in steps.enumerated() {
      switch step {
      case .replace(let pattern, let content): stages.append(.replace(pattern, with: content))
      case .byteFallback: stages.append(.byteFallback(pending: []))
      case .strip(let scalar, let start, let stop):
        stages.append(.strip(Array(String(scalar).utf8), start: start, stop: stop))
      case .metaspace(let scalar, let wasPrepended):
        stages.append(.metaspace(Array(String(scalar).utf8), isFirst: true, wasPrepended: wasPrepended))
      case .wordSuffix(let suffix): stages.append(.wordSuffix(suffix, pending: nil))
      case .spaced: stages.append(.spaced(isFirst: true))
      case .byteLevel, .fuse:
        if case .byteLevel = step { stages.append(.byteLevel(pending: [])) }
        // From here on there is one token, which later steps must see whole, but for those that only look at its
        // beginning.
        let rest = steps[(index + 1)...]
        if rest.isEmpty { return stages }
        if rest.count == 1, case .strip(let scalar, let start, 0)? = rest.first {
          return stages + [.stripBeginning(Array(String(scalar).utf8), left: start)]
        }
        return stages + [.collect([])] + self.stages(Array(rest))
      }
    }
    return stages
  }

  /// Takes a token in and gives out those that are ready.
  mutating func take(_ token: [UInt8]) -> [[UInt8]] {
    switch self {
    case .replace(let pattern, let content):
      return [Normalizer.replace(pattern, with: content, in: token)]
    case .byteFallback(var pending):
      // The stage lets go of its array, so that appending does not copy it.
      self = .byteFallback(pending: [])
      if let byte = Self.byte(of: token) {
        pending.append(byte)
        self = .byteFallback(pending: pending)
        return []
      }
      return Self.characters(of: pending) + [token]
    case .strip(let character, let start, let stop):
      return [Self.strip(token, character, start: start, stop: stop)]
    case .stripBeginning(let character, var left):
      var token = token[...]
      while left > 0, token.starts(with: character) {
        token = token.dropFirst(character.count)
        left -= 1
      }
      self = .stripBeginning(character, left: token.isEmpty ? left : 0)
      return [Array(token)]
    case .byteLevel(let pending):
      let bytes = pending + ByteLevel.bytes(of: token)
      let end = bytes.count - Self.incompleteCount(bytes)
      self = .byteLevel(pending: Array(bytes[end...]))
      return [Array(String(decoding: bytes[..<end], as: UTF8.self).utf8)]
    case .metaspace(let character, let isFirst, let wasPrepended):
      self = .metaspace(character, isFirst: false, wasPrepended: wasPrepended)
      return [Normalizer.replace(character, with: isFirst && wasPrepended ? [] : [0x20], in: token)]
    case .wordSuffix(let suffix, let pending):
      self = .wordSuffix(suffix, pending: token)
      return pending.map { [Normalizer.replace(suffix, with: [0x20], in: $0)] } ?? []
    case .spaced(let isFirst):
      self = .spaced(isFirst: false)
      return [isFirst ? token : [0x20] + token]
    case .collect(var tokens):
      self = .collect([])
      tokens += token
      self = .collect(tokens)
      return []
    }
  }

  /// What a token stands for by itself, whatever its neighbours: the bytes of characters that may be spread over several.
  func bytes(of token: [UInt8]) -> [UInt8] {
    switch self {
    case .replace(let pattern, let content): Normalizer.replace(pattern, with: content, in: token)
    case .byteFallback: Self.byte(of: token).map { [$0] } ?? token
    case .byteLevel: ByteLevel.bytes(of: token)
    case .metaspace(let character, _, _): Normalizer.replace(character, with: [0x20], in: token)
    case .wordSuffix(let suffix, _): Normalizer.replace(suffix, with: [0x20], in: token)
    case .strip, .stripBeginning, .spaced, .collect: token
    }
  }

  /// Gives out what is left at the end.
  mutating func finish() -> [[UInt8]] {
    switch self {
    case .byteFallback(let pending):
      self = .byteFallback(pending: [])
      return Self.characters(of: pending)
    case .byteLevel(let pending):
      self = .byteLevel(pending: [])
      return [Array(String(decoding: pending, as: UTF8.self).utf8)]
    case .wordSuffix(let suffix, let pending):
      self = .wordSuffix(suffix, pending: nil)
      return pending.map { [Normalizer.replace(suffix, with: [], in: $0)] } ?? []
    case .collect(let tokens):
      self = .collect([])
      return [tokens]
    default: return []
    }
  }

  /// The byte that a token such as `<0x0A>` stands for.
  private static func byte(of token: [UInt8]) -> UInt8? {
    guard token.count == 6, token.starts(with: "<0x".utf8), token[5] == UInt8(ascii: ">") else { return nil }
    return UInt8(String(decoding: token[3..<5], as: UTF8.self), radix: 16)
  }

  /// The text of byte tokens in a row: if it is not valid as a whole, as many replacement characters as there are
  /// bytes, as the reference does it.
  private static func characters(of bytes: [UInt8]) -> [[UInt8]] {
    if bytes.isEmpty { return [] }
    if String(validating: bytes, as: UTF8.self) != nil { return [bytes] }
    return Array(repeating: Array("\u{FFFD}".utf8), count: bytes.count)
  }

  private static func strip(_ token: [UInt8], _ character: [UInt8], start: Int, stop: Int) -> [UInt8] {
    var token = token[...]
    for _ in 0..<start {
      guard token.starts(with: character) else { break }
      token = token.dropFirst(character.count)
    }
    for _ in 0..<stop {
      guard token.count >= character.count, token.suffix(character.count).elementsEqual(character) else { break }
      token = token.dropLast(character.count)
    }
    return Array(token)
  }

  /// How many bytes at the end may be the beginning of a character that goes on.
  private static func incompleteCount(_ bytes: [UInt8]) -> Int {
    for count in 1...3 where count <= bytes.count {
      let first = bytes[bytes.count - count]
      if first & 0xC0 == 0x80 { continue }
      let length = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : first >= 0xC0 ? 2 : 1
      if length <= count { return 0 }
      // Bytes that no character begins with are wrong already: decoding each of them on its own shows it, since then
      // there is more than one replacement character.
      let isBeginning = String(decoding: bytes.suffix(count), as: UTF8.self).unicodeScalars.count == 1
      return isBeginning ? count : 0
    }
    return 0
  }
}
