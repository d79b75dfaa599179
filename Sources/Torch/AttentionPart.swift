/// Rows of a packed batch that attend to one another causally, and to every row of a prefix before them.
public struct AttentionPart: Sendable {
  /// The rows of the prefix; may be empty.
  public let prefix: Range<Int>
  /// The rows that attend.
  public let own: Range<Int>

  /// The most keys that one of its rows sees.
  var keyCount: Int { prefix.count + own.count }

  /// A part of a packed batch.
  public init(prefix: Range<Int>, own: Range<Int>) {
    self.prefix = prefix
    self.own = own
  }
}
