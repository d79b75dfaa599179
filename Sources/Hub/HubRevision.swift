/// A branch, a tag, or a commit.
package enum HubRevision {
  /// Checks a revision's name before it becomes part of an address and of a path in the cache.
  /// - Throws: `HubError`.
  package static func check(_ revision: String) throws(HubError) {
    let parts = revision.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
    let isPlain = parts.allSatisfy { part in
      !part.isEmpty && part.first != UInt8(ascii: ".") && part.first != UInt8(ascii: "-")
        && part.allSatisfy { isAlphanumeric($0) || "-_.+".utf8.contains($0) }
    }
    guard isPlain, revision.utf8.count <= 200 else {
      throw HubError("'\(plainLine(revision))' is not a revision; name a branch, a tag or a commit, such as main")
    }
  }

  /// Whether it is the full name of a commit.
  static func isCommit(_ revision: String) -> Bool { isHexadecimal(revision, digits: 40) }
}

/// Whether the text is that many lower-case hexadecimal digits.
func isHexadecimal(_ text: String, digits: Int) -> Bool {
  text.utf8.count == digits && text.utf8.allSatisfy { "0123456789abcdef".utf8.contains($0) }
}
