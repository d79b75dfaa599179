import Hashing

/// A secret that clients must know. Only its hash is kept, and hashes are compared in constant time, so that neither
/// the time that a refusal takes nor a dump of the memory tells it.
public struct APIKey: Sendable {
  private let digest: Digest

  /// A key; nil for an empty one or one with white space within, which no header can carry.
  public init?(_ text: String) {
    let key = text.trimmingPrefix(while: \.isWhitespace)
    let end = key.lastIndex { !$0.isWhitespace }
    guard let end, !key[...end].contains(where: \.isWhitespace) else { return nil }
    digest = Digest.sha256(key[...end].utf8)
  }

  /// Whether the header `Authorization` holds the key.
  func matches(authorization: String?) -> Bool {
    guard let authorization else { return false }
    let scheme = "bearer "
    guard authorization.prefix(scheme.count).lowercased() == scheme else { return false }
    return Digest.sha256(authorization.dropFirst(scheme.count).utf8) == digest
  }
}
