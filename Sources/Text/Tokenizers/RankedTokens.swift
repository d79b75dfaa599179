import Foundation

/// Tokens over bytes as tiktoken ranks them: of all neighbours that together are a token, those merge first whose token has the
/// lowest rank; and a word that is a token is taken as it is.
struct RankedTokens {
  /// The tokens, spelled as `ByteLevel` does.
  private(set) var vocabulary = Vocabulary()
  private var ids: [Int32] = []

  /// Adds a token, which the file spells in base64; what has a smaller id has a lower rank.
  mutating func add(base64 text: String, id: Int) throws(TokenizerProblem) {
    guard let bytes = Data(base64Encoded: text), !bytes.isEmpty else {
      throw TokenizerProblem("the token \(id) is spelled \(quotedToken(text)), which is no base64")
    }
    guard bytes.count <= TokenizerDefinition.longestPiece else {
      throw TokenizerProblem(
        "the token \(id) has \(bytes.count) bytes; at most \(TokenizerDefinition.longestPiece) are supported")
    }
    try vocabulary.add(String(decoding: ByteLevel.spell(Array(bytes).span), as: UTF8.self), id: id)
    ids.append(Int32(id))
  }

  /// The merges that the ranks come to.
  /// - Throws: where a byte has no token, since a text could then not be written.
  func encoder() throws(TokenizerProblem) -> BytePairEncoder {
    for byte in UInt8.min...UInt8.max where vocabulary.id(of: ByteLevel.spell([byte].span).span) == nil {
      throw TokenizerProblem("there is no token for the byte \(byte)")
    }
    var merges = MergeTable()
    for id in ids { merges.addSplits(of: id, in: vocabulary, rank: UInt32(id)) }
    return BytePairEncoder(
      vocabulary: vocabulary, merges: merges, unknown: nil, fusesUnknown: false, fallsBackToBytes: false,
      ignoresMerges: true)
  }
}

extension TokenizerDefinition {
  /// Longer tokens are refused where each place of theirs is one where they might be split; trained ones have a hundred bytes at
  /// most.
  static let longestPiece = 1024

  /// A tokenizer of such tokens, which splits text by an expression.
  init(_ tokens: RankedTokens, splittingBy expression: String) throws(TokenizerProblem) {
    vocabulary = tokens.vocabulary
    encoder = try tokens.encoder()
    preTokenizer = .sequence([
      .split(try SplitPattern(regex: expression), .isolated, inverted: false),
      .byteLevel(addsPrefixSpace: false, splits: false),
    ])
    decoder = [.byteLevel]
    addedTokens = []
    addsBOS = false
  }

  /// Adds special tokens, whose ids follow each other.
  mutating func add(special tokens: some Sequence<String>, from first: Int) throws(TokenizerProblem) {
    for (index, token) in tokens.enumerated() {
      try add(AddedToken(id: Int32(clamping: first + index), content: token, isSpecial: true))
    }
  }
}

extension MergeTable {
  /// Says that two neighbours merge wherever together they are a token.
  /// - Parameter isPart: whether a token may be one of the two.
  mutating func addSplits(
    of token: Int32, in vocabulary: Vocabulary, rank: UInt32, where isPart: (Int32) -> Bool = { _ in true }
  ) {
    guard let text = vocabulary.token(of: token).map(Array.init) else { return }
    for split in text.indices.dropFirst() where text[split] & 0xC0 != 0x80 {
      guard let left = vocabulary.id(of: text.span.extracting(..<split)), isPart(left),
        let right = vocabulary.id(of: text.span.extracting(split...)), isPart(right)
      else { continue }
      set(left, right, rank: rank, merged: token)
    }
  }
}
