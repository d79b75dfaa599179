/// What a tokenizer file defines, whatever its format.
struct TokenizerDefinition: Sendable {
  /// All tokens, added ones included.
  var vocabulary: Vocabulary
  var addedTokens: [AddedToken]
  var normalizer: Normalizer?
  var preTokenizer: PreTokenizer?
  var encoder: BytePairEncoder
  var decoder: [DecoderStep]
  /// Whether the file says that a sequence begins with a special token.
  var addsBOS: Bool
  /// The special tokens that the file itself names, as tokenizer_config.json would.
  var specialTokens: [String: String] = [:]

  /// Adds a token that the vocabulary may have already, then with the same id.
  mutating func add(_ token: AddedToken) throws(TokenizerProblem) {
    if token.content.isEmpty { return }
    if vocabulary.id(of: token.content) != token.id { try vocabulary.add(token.content, id: Int(token.id)) }
    addedTokens.removeAll { $0.id == token.id }
    addedTokens.append(token)
  }
}
