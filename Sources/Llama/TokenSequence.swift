/// Tokens as the model reads them, and which of them count in the loss.
public struct TokenSequence: Sendable, Equatable {
  /// The tokens, with every special token that the template wrote.
  public var tokens: [Int32]
  /// For each token, whether predicting it is what the model is trained on.
  public var isScored: [Bool]

  /// A sequence; both arrays have the same length.
  public init(tokens: [Int32], isScored: [Bool]) {
    precondition(tokens.count == isScored.count)
    self.tokens = tokens
    self.isScored = isScored
  }

  /// How many tokens all the sequences have in common at their beginning.
  public static func sharedLength(_ sequences: [TokenSequence]) -> Int {
    guard let first = sequences.first?.tokens else { return 0 }
    return sequences.dropFirst().reduce(first.count) { shared, sequence in
      zip(first.prefix(shared), sequence.tokens).prefix { $0 == $1 }.count
    }
  }
}

extension TokenSequence {
  /// The number of scored tokens. The first token never counts: nothing precedes it that could predict it.
  public var scoredCount: Int { isScored.dropFirst().count { $0 } }

  /// Its first tokens, at most so many.
  package func prefix(_ length: Int) -> TokenSequence {
    TokenSequence(tokens: Array(tokens.prefix(length)), isScored: Array(isScored.prefix(length)))
  }

  /// What precedes the first scored token, and the rest.
  package var split: (prompt: TokenSequence, answer: TokenSequence) {
    let place = isScored.firstIndex(of: true) ?? tokens.count
    return (prefix(place), TokenSequence(tokens: Array(tokens[place...]), isScored: Array(isScored[place...])))
  }

  /// The sequence of which only the first so many scored tokens count.
  public func scoring(first count: Int) -> TokenSequence {
    var (sequence, left) = (self, count)
    for place in tokens.indices.dropFirst() where isScored[place] {
      sequence.isScored[place] = left > 0
      left -= 1
    }
    return sequence
  }
}
