/// A text as a key: equal to another, and hashed, by its bytes.
///
/// A Swift `String` hashes by canonical equivalence. That takes time quadratic in a run of combining marks, and makes one key
/// of two that a file tells apart.
public struct TextKey: Sendable, Hashable, ExpressibleByStringLiteral, CustomStringConvertible {
  /// The text.
  public let text: String

  /// The key of a text.
  public init(_ text: String) { self.text = text }
  /// The key of a text.
  public init(stringLiteral text: String) { self.text = text }

  /// The text.
  public var description: String { text }

  /// Whether the bytes are the same.
  public static func == (a: Self, b: Self) -> Bool { a.text == b.text }

  /// Feeds the bytes.
  public func hash(into hasher: inout Hasher) { text.hashBytes(into: &hasher) }
}

extension String {
  /// Feeds the bytes, and an end that no UTF-8 holds, so that texts in a row keep apart.
  package func hashBytes(into hasher: inout Hasher) {
    var text = self
    text.withUTF8 { hasher.combine(bytes: UnsafeRawBufferPointer($0)) }
    hasher.combine(0xFF as UInt8)
  }
}

extension Set<TextKey> {
  /// Whether a text is one of the set.
  package func contains(_ text: String) -> Bool { contains(TextKey(text)) }
  /// The set of some texts.
  package init(texts: some Sequence<String>) { self.init(texts.map { TextKey($0) }) }
}
