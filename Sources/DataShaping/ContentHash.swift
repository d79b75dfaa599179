import Datasets
import Hashing
import Text

/// The first 128 bits of the SHA-256 of what a record says: equal for records that say the same, and for no others.
package struct ContentHash: Hashable, Sendable {
  private let high: UInt64
  private let low: UInt64

  /// The hash of roles and texts, byte by byte, and of whatever else the messages hold.
  package init(_ messages: [Message]) { self.init([messages]) }

  /// The hash of a record's prompt and answers, and of a rating's label; other columns do not count.
  package init(_ record: AnyRecord) {
    var parts = [record.prompt] + record.answers
    if case .rating(let rating) = record { parts.append([Message(role: "label", content: "\(rating.isGood)")]) }
    self.init(parts)
  }

  private init(_ parts: [[Message]]) {
    let hasher = ByteHasher(.sha256)
    for part in parts {
      hasher.update(count: part.count)
      for text in part.flatMap({ [$0.role, $0.fields?.text ?? $0.content] }) {
        // Lengths keep apart what would be the same text when joined.
        hasher.update(count: text.utf8.count)
        hasher.update(text)
      }
    }
    (high, low) = hasher.finalize().bytes.withUnsafeBytes {
      ($0.loadUnaligned(as: UInt64.self), $0.loadUnaligned(fromByteOffset: 8, as: UInt64.self))
    }
  }
}

extension ByteHasher {
  fileprivate func update(count: Int) {
    withUnsafeBytes(of: UInt64(count), update)
  }
}
