import JSON
import Wording

/// A model or a data set of the hub, named OWNER/NAME.
public struct HubRepository: Sendable, Hashable {
  /// The kinds of repositories.
  public enum Kind: String, Sendable { case model, dataset }

  /// What it is.
  public let kind: Kind
  /// OWNER/NAME.
  public let name: String

  /// Checks a name by the hub's rules, before anything is asked.
  /// - Throws: `HubError`.
  public init(_ kind: Kind, _ name: String) throws(HubError) {
    guard Self.isName(name) else {
      throw HubError(
        "'\(plainLine(name))' is not a name on the hub; write OWNER/NAME, with letters, digits, '-', '_' and '.'")
    }
    self.kind = kind
    self.name = name
  }

  /// Whether a text has the form OWNER/NAME.
  public static func isName(_ text: String) -> Bool {
    // Bytes, not characters: an accent makes another character of the slash before it.
    let parts = text.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
    return parts.count == 2 && parts.allSatisfy(isPart) && !text.hasSuffix(".git")
  }

  private static func isPart(_ part: Substring.UTF8View.SubSequence) -> Bool {
    let edges = [part.first, part.last].compactMap(\.self)
    let pairs = zip(part, part.dropFirst())
    return (1...96).contains(part.count)
      && part.allSatisfy { isAlphanumeric($0) || "-_.".utf8.contains($0) }
      && edges.allSatisfy { isAlphanumeric($0) || $0 == UInt8(ascii: "_") }
      && !pairs.contains { $0 == $1 && ($0 == UInt8(ascii: "-") || $0 == UInt8(ascii: ".")) }
  }

  /// Its folder in the cache: `models--owner--name`.
  var cacheName: String { "\(kind.rawValue)s--" + name.replacing("/", with: "--") }

  /// What is shown of it on the hub, below the endpoint.
  var page: String { kind == .model ? name : "datasets/\(name)" }

  /// Where its commit and its files are listed, below the endpoint.
  func listingPath(_ revision: String) -> String {
    "api/\(kind.rawValue)s/\(name)/revision/\(percentEncoded(revision))?blobs=true"
  }

  /// Where a file lies, below the endpoint.
  func filePath(_ path: String, commit: String) -> String {
    "\(page)/resolve/\(commit)/" + path.split(separator: "/").map { percentEncoded($0) }.joined(separator: "/")
  }

  /// How people call it: "model owner/name".
  var title: String { (kind == .model ? "model " : "data set ") + name }
}

func isAlphanumeric(_ byte: UInt8) -> Bool {
  switch byte {
  case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
    UInt8(ascii: "0")...UInt8(ascii: "9"):
    true
  default: false
  }
}

/// The text as one part of a URL's path; only RFC 3986's unreserved characters stay.
func percentEncoded(_ text: some StringProtocol) -> String {
  let digits = Array("0123456789ABCDEF".utf8)
  var encoded: [UInt8] = []
  for byte in text.utf8 {
    if isAlphanumeric(byte) || "-._~".utf8.contains(byte) {
      encoded.append(byte)
    } else {
      encoded += [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
    }
  }
  return String(decoding: encoded, as: UTF8.self)
}
