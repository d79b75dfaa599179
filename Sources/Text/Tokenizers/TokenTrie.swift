/// Finds the longest of many tokens that begins at a place in a text.
struct TokenTrie: Sendable {
  private var children: [UInt64: Int] = [:]
  /// The id of the token that ends at each node, nil where none does.
  private var tokens: [Int32?] = [nil]
  private var begins = [Bool](repeating: false, count: 256)

  var isEmpty: Bool { tokens.count == 1 }

  /// Adds a token; of equal ones, the first counts.
  mutating func insert(_ text: [UInt8], _ token: Int32) {
    guard let first = text.first else { return }
    begins[Int(first)] = true
    var node = 0
    for byte in text {
      let edge = Self.edge(node, byte)
      if let child = children[edge] {
        node = child
      } else {
        children[edge] = tokens.count
        node = tokens.count
        tokens.append(nil)
      }
    }
    if tokens[node] == nil { tokens[node] = token }
  }

  /// The next place at or after `start` where a token begins, and the longest one there.
  func firstMatch(in text: Span<UInt8>, from start: Int) -> (range: Range<Int>, token: Int32)? {
    for index in start..<text.count where begins[Int(text[index])] {
      if let (end, token) = longest(in: text, at: index) { return (index..<end, token) }
    }
    return nil
  }

  private func longest(in text: Span<UInt8>, at start: Int) -> (end: Int, token: Int32)? {
    var found: (end: Int, token: Int32)?
    var node = 0
    for index in start..<text.count {
      guard let child = children[Self.edge(node, text[index])] else { break }
      node = child
      if let token = tokens[node] { found = (index + 1, token) }
    }
    return found
  }

  private static func edge(_ node: Int, _ byte: UInt8) -> UInt64 { UInt64(node) << 8 | UInt64(byte) }
}
