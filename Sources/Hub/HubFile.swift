import JSON

/// A file of a repository, as the hub lists it.
public struct HubFile: Sendable, Hashable {
  /// Its path in the repository, checked: relative, and nowhere outside.
  public let path: String
  /// Its size in bytes.
  public let size: Int
  /// What its content must have.
  package let hash: PublishedHash
  /// The name of what git keeps of it, which for a large file is a pointer; empty where it is not known.
  let gitID: String

  /// - Throws: `HubError` for a path that leads out of its folder, and for sizes and hashes that are none.
  package init(path: String, size: Int, sha256: String?, gitID: String) throws(HubError) {
    guard Self.isSafe(path) else {
      throw HubError(
        "the hub lists a file '\(plainLine(path))', which would lie outside of its folder; nothing was fetched")
    }
    guard size >= 0, size < 1 << 43 else {
      throw HubError("the hub lists '\(plainLine(path))' with \(size) bytes, which no file has")
    }
    if let sha256, isHexadecimal(sha256, digits: 64) {
      hash = .sha256(sha256)
    } else if sha256 == nil, isHexadecimal(gitID, digits: 40) {
      hash = .gitBlob(gitID)
    } else {
      throw HubError("the hub lists '\(plainLine(path))' without a hash to check it against")
    }
    self.path = path
    self.size = size
    self.gitID = isHexadecimal(gitID, digits: 40) ? gitID : ""
  }

  /// Whether it is a path in a repository: relative, and nowhere outside.
  static func isSafe(_ path: String) -> Bool {
    path.utf8.count <= 1000
      && !path.unicodeScalars.contains {
        [.control, .lineSeparator, .paragraphSeparator].contains($0.properties.generalCategory)
      }
      && path.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false).allSatisfy { part in
        let isPlace = part.elementsEqual(".".utf8) || part.elementsEqual("..".utf8)
        let isPlain = !part.contains(UInt8(ascii: "\\"))
        return (1...255).contains(part.count) && !isPlace && isPlain
      }
  }
}
