/// The tokens of a tokenizer and their ids, looked up by the bytes of their UTF-8.
///
/// Swift's own dictionaries of strings would not do: they take canonically equivalent texts, such as the two code
/// points of `ά`, for the same key.
struct Vocabulary: Sendable {
  /// Larger ids are refused, since no model has so many rows and room for all smaller ids is set aside.
  static let largestID = 1 << 24

  private var bytes: [UInt8] = []
  /// Where the token of an id lies in `bytes`; empty ranges from −1 stand for ids without a token.
  private var starts: [Int] = []
  private var ends: [Int] = []
  /// An open hash table of ids, −1 where free; its size is a power of two.
  private var slots: [Int32] = Array(repeating: -1, count: 1024)
  /// The number of tokens.
  private(set) var count = 0

  /// One more than the largest id.
  var idCount: Int { starts.count }

  /// Adds a token. An id or text that is already taken is an error.
  mutating func add(_ token: some StringProtocol, id: Int) throws(TokenizerProblem) {
    guard id >= 0, id <= Self.largestID else {
      throw TokenizerProblem("token \(quotedToken(token)) has the id \(id), which is not within 0...\(Self.largestID)")
    }
    let text = Array(token.utf8)
    if let other = self.id(of: text.span) {
      throw TokenizerProblem("token \(quotedToken(token)) has two ids, \(other) and \(id)")
    }
    if let other = self.token(of: Int32(id)) {
      throw TokenizerProblem(
        "tokens \(quotedToken(String(decoding: other, as: UTF8.self))) and \(quotedToken(token)) have the same id \(id)"
      )
    }
    if id >= starts.count {
      let missing = id + 1 - starts.count
      starts.append(contentsOf: repeatElement(-1, count: missing))
      ends.append(contentsOf: repeatElement(-1, count: missing))
    }
    starts[id] = bytes.count
    bytes.append(contentsOf: text)
    ends[id] = bytes.count
    count += 1
    slots[freeSlot(for: text.span)] = Int32(id)
    if count * 2 > slots.count { grow() }
  }

  /// The id of a token.
  func id(of token: Span<UInt8>) -> Int32? {
    var slot = hash(token)
    while slots[slot] >= 0 {
      if equals(Int(slots[slot]), token) { return slots[slot] }
      slot = (slot + 1) & (slots.count - 1)
    }
    return nil
  }

  /// The id of a token.
  func id(of token: some StringProtocol) -> Int32? { id(of: Array(token.utf8).span) }

  /// The bytes of the token with this id.
  func token(of id: Int32) -> ArraySlice<UInt8>? {
    guard id >= 0, id < starts.count, starts[Int(id)] >= 0 else { return nil }
    return bytes[starts[Int(id)]..<ends[Int(id)]]
  }

  private func equals(_ id: Int, _ token: Span<UInt8>) -> Bool {
    let start = starts[id]
    guard ends[id] - start == token.count else { return false }
    for index in 0..<token.count where bytes[start + index] != token[index] { return false }
    return true
  }

  private func hash(_ token: Span<UInt8>) -> Int {
    var hasher = Hasher()
    token.withUnsafeBytes { hasher.combine(bytes: $0) }
    return hasher.finalize() & (slots.count - 1)
  }

  private func freeSlot(for token: Span<UInt8>) -> Int {
    var slot = hash(token)
    while slots[slot] >= 0 { slot = (slot + 1) & (slots.count - 1) }
    return slot
  }

  private mutating func grow() {
    slots = Array(repeating: -1, count: slots.count * 2)
    for id in starts.indices where starts[id] >= 0 {
      let slot = freeSlot(for: bytes.span.extracting(starts[id]..<ends[id]))
      slots[slot] = Int32(id)
    }
  }
}

/// A token as messages show it.
func quotedToken(_ token: some StringProtocol) -> String {
  token.unicodeScalars.count <= 60 ? "\"\(token)\"" : "\"\(token.prefix(50))…\""
}
