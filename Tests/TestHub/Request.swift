import NIOHTTP1

/// What a client asked for.
package struct Request: Sendable {
  /// `GET`, `POST`, …
  package let method: String
  /// What was sent.
  package let body: [UInt8]
  /// The path with its query, as it was sent.
  package let path: String
  private let headers: HTTPHeaders

  init(_ head: HTTPRequestHead, body: [UInt8]) {
    (method, self.body) = (head.method.rawValue, body)
    path = head.uri
    headers = head.headers
  }

  /// The value of a header; nil where it was not sent.
  package subscript(header: String) -> String? { headers.first(name: header) }

  /// The first byte that was asked for, where not the whole was.
  package var start: Int? {
    guard let range = self["range"], range.hasPrefix("bytes="), range.hasSuffix("-") else { return nil }
    return Int(range.dropFirst("bytes=".count).dropLast())
  }
}
