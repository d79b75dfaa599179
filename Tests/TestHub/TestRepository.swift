import Foundation
import Hashing
import JSON

/// A repository that a `TestHub` serves, as the hub serves it.
package struct TestRepository: Sendable {
  /// OWNER/NAME.
  package let name: String
  package let commit = "0123456789abcdef0123456789abcdef01234567"
  package var files: [String: [UInt8]]
  /// The files that the hub keeps outside of git, and names by their SHA-256.
  package var largeFiles: Set<String>
  private let isDataset: Bool

  package init(
    _ name: String, isDataset: Bool = false, files: [String: [UInt8]], largeFiles: Set<String> = []
  ) {
    self.name = name
    self.isDataset = isDataset
    self.files = files
    self.largeFiles = largeFiles
  }

  private var page: String { isDataset ? "/datasets/\(name)" : "/\(name)" }
  private var api: String { "/api/\(isDataset ? "datasets" : "models")/\(name)/revision/" }

  /// The path of a file's content on the server.
  package func path(_ file: String) -> String { "\(page)/resolve/\(commit)/\(file)" }

  /// Whether this asks for the listing.
  package func isListing(_ request: Request) -> Bool { request.path.hasPrefix(api) }

  /// The honest answer.
  package func answer(_ request: Request) -> Answer {
    if request.path == api + "main?blobs=true" || request.path == api + commit + "?blobs=true" {
      return Answer(200, text: listing.text, headers: ["content-type": "application/json"])
    }
    if isListing(request) { return Answer(404, headers: ["x-error-code": "RevisionNotFound"]) }
    guard let file = files.first(where: { path($0.key) == request.path.removingPercentEncoding }) else {
      return Answer(404, headers: ["x-error-code": "RepoNotFound"])
    }
    return Self.answer(request, file.value)
  }

  /// The bytes that were asked for.
  package static func answer(_ request: Request, _ bytes: [UInt8]) -> Answer {
    guard let start = request.start else { return Answer(200, bytes) }
    guard start < bytes.count else { return Answer(416) }
    return Answer(
      206, Array(bytes[start...]), headers: ["content-range": "bytes \(start)-\(bytes.count - 1)/\(bytes.count)"])
  }

  /// What the hub says of the repository; tests may spoil it.
  package var listing: JSON {
    let siblings = files.sorted { $0.key < $1.key }.map { path, bytes -> JSON in
      let size = JSON.integer(bytes.count)
      let isLarge = largeFiles.contains(path)
      let pointer = Self.gitHash(isLarge ? Array("pointer to \(path)".utf8) : bytes)
      guard isLarge else { return ["rfilename": .string(path), "size": size, "blobId": .string(pointer)] }
      return [
        "rfilename": .string(path), "size": size, "blobId": .string(pointer),
        "lfs": ["sha256": .string(Self.hash(bytes)), "size": size, "pointerSize": 134],
      ]
    }
    return ["id": .string(name), "sha": .string(commit), "gated": false, "siblings": .array(siblings)]
  }

  /// The SHA-256 of bytes, by which large files are named.
  package static func hash(_ bytes: [UInt8]) -> String { Digest.sha256(bytes).hexadecimal }

  /// The name that git gives to bytes.
  package static func gitHash(_ bytes: [UInt8]) -> String {
    Digest.sha1(Array("blob \(bytes.count)\0".utf8) + bytes).hexadecimal
  }
}
