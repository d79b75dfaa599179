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

  /// A place in a sequence: the hidden state there is what a head reads.
  public struct Place: Sendable {
    /// The row of its token.
    public let row: Int32
    /// The token that follows in the sequence; -1 at its end.
    public let next: Int32
  }

  /// N tokens.
  public private(set) var tokens: [Int32] = []
  /// Each token's position in its own sequence.
  public private(set) var positions: [Int32] = []
  /// Which rows belong together.
  public private(set) var segments: [Segment] = []
  /// For each sequence, in the order they were added: the places that its scored tokens follow.
  public private(set) var scored: [[Place]] = []
  /// For each sequence, the place of its last token.
  public private(set) var last: [Place] = []

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
          Place(row: Int32(row($0 - 1)), next: sequence.tokens[$0])
        })
      last.append(Place(row: Int32(row(sequence.tokens.count - 1)), next: -1))
    }
    segments.append(Segment(prefix: start..<start + shared, continuations: continuations))
  }

  private mutating func append(_ part: ArraySlice<Int32>, from position: Int) {
    tokens += part
    positions += (position..<position + part.count).map(Int32.init)
  }
}

extension PackedBatch {
  /// The rows of places, where they are some and not all.
  func rows(of places: some Sequence<Place>) -> RowSelection? {
    var isRead = Array(repeating: false, count: tokens.count)
    for place in places { isRead[Int(place.row)] = true }
    let rows = tokens.indices.filter { isRead[$0] }.map(Int32.init)
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
