import Torch

/// Token sequences laid end to end, without padding, so that everything but attention sees one long matrix.
///
/// Sequences that begin alike, as the two answers to a prompt do, form one segment: the shared prefix once, then each
/// sequence's own rest. Positions continue from the prefix for each of them.
public struct PackedBatch: Sendable {
  /// The rows of sequences that share a prefix.
  public struct Segment: Sendable {
    /// The rows of the shared prefix; empty where a sequence stands alone.
    public let prefix: Range<Int>
    /// The rows of each sequence's own rest, one after the other.
    public let continuations: [Range<Int>]
  }

  /// A token that counts in a loss: the hidden state that predicts it, and the token.
  public struct ScoredToken: Sendable {
    /// The row of the token before it.
    public let row: Int32
    /// The token.
    public let label: Int32
  }

  /// N tokens.
  public private(set) var tokens: [Int32] = []
  /// Each token's position in its own sequence.
  public private(set) var positions: [Int32] = []
  /// Which rows belong together.
  public private(set) var segments: [Segment] = []
  /// For each sequence, in the order they were added: its scored tokens.
  public private(set) var scored: [[ScoredToken]] = []

  /// An empty batch.
  public init() {}

  /// A batch of one sequence of which nothing is scored.
  public init(tokens: [Int32]) {
    append([TokenSequence(tokens: tokens, isScored: Array(repeating: false, count: tokens.count))])
  }

  /// Adds sequences as one segment in which their common prefix is computed once.
  public mutating func append(_ sequences: [TokenSequence]) {
    let shared = sequences.count > 1 ? TokenSequence.sharedLength(sequences) : 0
    let start = tokens.count
    if let first = sequences.first { append(first.tokens[..<shared], from: 0) }
    var continuations: [Range<Int>] = []
    for sequence in sequences {
      let own = tokens.count
      append(sequence.tokens[shared...], from: shared)
      continuations.append(own..<tokens.count)
      func row(_ position: Int) -> Int { position < shared ? start + position : own + position - shared }
      // A sequence's first token has nothing before it that could predict it.
      scored.append(
        sequence.tokens.indices.dropFirst().filter { sequence.isScored[$0] }.map {
          ScoredToken(row: Int32(row($0 - 1)), label: sequence.tokens[$0])
        })
    }
    segments.append(Segment(prefix: start..<start + shared, continuations: continuations))
  }

  private mutating func append(_ part: ArraySlice<Int32>, from position: Int) {
    tokens += part
    positions += (position..<position + part.count).map(Int32.init)
  }
}

extension PackedBatch {
  /// The rows that predict a scored token, where some do and some do not.
  var scoredRows: RowSelection? {
    var isScored = Array(repeating: false, count: tokens.count)
    for token in scored.joined() { isScored[Int(token.row)] = true }
    let rows = tokens.indices.filter { isScored[$0] }.map(Int32.init)
    return rows.isEmpty || rows.count == tokens.count ? nil : RowSelection(rows: rows)
  }

  /// The parts of each segment's attention: the prefix on itself, each continuation on the prefix and itself.
  var attentionSegments: [[AttentionPart]] {
    segments.map { segment in
      let none = segment.prefix.lowerBound..<segment.prefix.lowerBound
      return ([(none, segment.prefix)] + segment.continuations.map { (segment.prefix, $0) })
        .filter { !$0.1.isEmpty }.map { AttentionPart(prefix: $0.0, own: $0.1) }
    }
  }
}

extension PackedBatch.Segment {
  /// The length of its longest sequence.
  var longest: Int { prefix.count + (continuations.map(\.count).max() ?? 0) }
}
