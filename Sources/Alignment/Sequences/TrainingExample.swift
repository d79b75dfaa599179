import Datasets
import Hashing
import Llama
import Objectives

/// One record as the model is trained on it: a conversation is one sequence, and so is a rated answer; a pair is two, the chosen
/// one first.
public struct TrainingExample: Sendable {
  /// The sequences.
  public let sequences: [TokenSequence]
  /// Where the record stands.
  public let location: RecordLocation
  /// Sequences that are scored beside it before each step, and never trained on: for KTO the prompt with another's answer.
  public var companions: [TokenSequence] = []
  /// What else belongs to it: what the reference says of it, for one.
  public var columns: [Column: [[Double]]] = [:]

  /// A record's sequences.
  public init(sequences: [TokenSequence], location: RecordLocation) {
    self.sequences = sequences
    self.location = location
  }

  /// The pair with all tokens of the chosen sequence scored; the column `isAnswer` says which are the answer's.
  public func scoringPrompt() -> TrainingExample {
    let all = TokenSequence(tokens: sequences[0].tokens, isScored: sequences[0].tokens.map { _ in true })
    var example = TrainingExample(sequences: [all] + sequences.dropFirst(), location: location)
    example.columns = columns
    example.columns[.isAnswer] =
      [sequences[0].isScored.dropFirst().map { $0 ? 1 : 0 }]
      + sequences.dropFirst().map { Array(repeating: 1, count: $0.scoredCount) }
    return example
  }

  /// The pair as it was before `scoringPrompt`, with the answers alone scored.
  public func scoringAnswers() -> TrainingExample {
    guard let isAnswer = columns[.isAnswer] else { return self }
    let chosen = TokenSequence(tokens: sequences[0].tokens, isScored: [false] + isAnswer[0].map { $0 > 0 })
    var example = TrainingExample(sequences: [chosen] + sequences.dropFirst(), location: location)
    example.columns = columns
    example.columns[.isAnswer] = nil
    return example
  }

  /// The number of tokens that count in the loss, over all its sequences.
  public var scoredCount: Int { sequences.map(\.scoredCount).reduce(0, +) }
  /// The number of tokens of all its sequences; what they share counts for each.
  public var tokenCount: Int { sequences.map(\.tokens.count).reduce(0, +) }
  /// The number of tokens that are computed: what the sequences share counts once.
  public var packedCount: Int {
    tokenCount - (sequences.count - 1) * (sequences.count > 1 ? TokenSequence.sharedLength(sequences) : 0)
  }
}

extension [TrainingExample] {
  /// SHA-256 over all sequences and weights in their order, as 64 hexadecimal digits: the same for the same data, tokenizer,
  /// template and length.
  public var fingerprint: String {
    let hash = ByteHasher(.sha256)
    for example in self {
      for sequence in example.sequences {
        sequence.tokens.withUnsafeBytes(hash.update)
        sequence.isScored.withUnsafeBytes(hash.update)
        Swift.withUnsafeBytes(of: sequence.tokens.count, hash.update)
      }
      for weights in example.columns[.weight] ?? [] { weights.withUnsafeBytes(hash.update) }
    }
    return hash.finalize().hexadecimal
  }
}
