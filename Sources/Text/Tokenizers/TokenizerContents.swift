/// What a tokenizer is made of, for those who write it down in another form.
package struct TokenizerContents: Sendable {
  /// What a token stands for.
  package enum Kind: Sendable {
    case normal
    /// A byte of a character that the vocabulary lacks, spelled `<0x0A>`.
    case byte
    /// All characters that the vocabulary lacks.
    case unknown
    /// No text at all, as `<s>`.
    case control
    /// A text that is looked for before all else.
    case userDefined
  }

  /// A token: its text as UTF-8, as the vocabulary spells it.
  package struct Token: Sendable {
    package var text: [UInt8]
    package var kind: Kind
  }

  /// Two tokens that become one.
  package struct Merge: Sendable {
    package var left: Int32
    package var right: Int32
    package var merged: Int32
  }

  /// How text becomes what merges work on.
  package enum Scheme: Sendable, Equatable {
    /// Characters, with `▁` for spaces and bytes where the vocabulary lacks a character (SentencePiece).
    case characters(Prefix)
    /// Bytes spelled as characters, after and before splits (GPT-2 and later).
    case bytes([Split])
    /// Anything else.
    case other
  }

  /// Which texts get a `▁` in front.
  package enum Prefix: Sendable {
    /// The whole text, and again after each special token.
    case everySegment
    /// One or the other, but no text that has a space there already.
    case unlessThere
    case none
  }

  /// A step on the way from text to the pieces that merges do not cross.
  package enum Split: Sendable, Equatable {
    /// The matches of a regular expression are pieces, and so is what lies between them.
    case expression(String)
    /// Numbers are pieces: each digit, or digits in a row.
    case digits(each: Bool)
    /// Punctuation in a row is a piece.
    case punctuation
    /// Bytes are spelled as characters from here on.
    case bytes
  }

  /// The tokens by id; nil where an id has none.
  package let tokens: [Token?]
  /// The merges, those that go first in front.
  package let merges: [Merge]
  package let scheme: Scheme
  /// Whether a word that is a token is taken as it is, however the merges would make it.
  package let ignoresMerges: Bool
  /// Whether text is rewritten before it is tokenized, apart from its spaces.
  package let normalizes: Bool
}

extension Tokenizer {
  /// What the tokenizer is made of.
  package var contents: TokenizerContents {
    let (prefixes, normalizes) = Self.effect(of: normalizer)
    return TokenizerContents(
      tokens: (0..<Int32(clamping: vocabularySize)).map { id in
        bytes(of: id).map { TokenizerContents.Token(text: Array($0), kind: kind(of: id, Array($0))) }
      },
      merges: encoder.merges.ordered.map { .init(left: $0.left, right: $0.right, merged: MergeTable.token($0.merge)) },
      scheme: scheme(prefixes: prefixes), ignoresMerges: encoder.ignoresMerges, normalizes: normalizes)
  }

  private func kind(of id: Int32, _ text: [UInt8]) -> TokenizerContents.Kind {
    if encoder.fallsBackToBytes {
      if id == encoder.unknown { return .unknown }
      let digits = text.dropFirst(3).dropLast()
      if text.count == 6, text.starts(with: Array("<0x".utf8)), text.last == UInt8(ascii: ">"),
        let byte = UInt8(String(decoding: digits, as: UTF8.self), radix: 16),
        BytePairEncoder.byteToken(byte).utf8.elementsEqual(text)
      {
        return .byte
      }
    }
    if isSpecial(id) { return .control }
    return addedTokens.contains(id) ? .userDefined : .normal
  }

  private func scheme(prefixes: Bool) -> TokenizerContents.Scheme {
    // Where the normalizer has written spaces as ▁, a split by spaces finds none.
    let steps = Self.steps(preTokenizer).filter { step in
      guard case .split(.literal([0x20]), _, inverted: false) = step else { return true }
      return !Self.replacesSpaces(normalizer)
    }
    let splits = steps.flatMap { $0.splits ?? [] }
    if splits.contains(.bytes), steps.allSatisfy({ $0.splits != nil }) { return .bytes(splits) }
    guard encoder.fallsBackToBytes else { return .other }
    switch (steps.count, steps.first) {
    case (0, _): return .characters(prefixes ? .everySegment : .none)
    case (1, .metaspace(Metaspace.bytes, let scheme, _)) where !prefixes:
      return .characters(scheme == .never ? .none : .unlessThere)
    default: return .other
    }
  }

  private static func steps(_ preTokenizer: PreTokenizer?) -> [PreTokenizer] {
    switch preTokenizer {
    case nil: []
    case .sequence(let steps)?: steps.flatMap { Self.steps($0) }
    case let step?: [step]
    }
  }

  private static func replacesSpaces(_ normalizer: Normalizer?) -> Bool {
    switch normalizer {
    case .sequence(let steps)?: steps.contains { replacesSpaces($0) }
    case .replace([0x20], with: Metaspace.bytes)?: true
    default: false
    }
  }

  /// Whether a normalizer puts a `▁` in front, and whether it does more than write spaces so.
  private static func effect(of normalizer: Normalizer?) -> (prefixes: Bool, normalizes: Bool) {
    switch normalizer {
    case nil: (false, false)
    case .sequence(let steps)?:
      steps.map { effect(of: $0) }.reduce((false, false)) { ($0.0 || $1.prefixes, $0.1 || $1.normalizes) }
    case .prepend(Metaspace.bytes)?: (true, false)
    case .replace([0x20], with: Metaspace.bytes)?: (false, false)
    case _?: (false, true)
    }
  }
}

extension PreTokenizer {
  /// The step in such words; nil where there are none for it.
  fileprivate var splits: [TokenizerContents.Split]? {
    switch self {
    case .split(let pattern, .isolated, inverted: false): pattern.expression.map { [.expression($0)] }
    case .byteLevel(addsPrefixSpace: false, let splits):
      splits ? [.expression(splitExpressionOfGPT2), .bytes] : [.bytes]
    case .digits(.isolated): [.digits(each: true)]
    case .digits(.contiguous): [.digits(each: false)]
    case .punctuation(.contiguous): [.punctuation]
    default: nil
    }
  }
}
