import Foundation
import JSON
import Testing

/// A server's reply, taken apart.
struct Reply {
  let status: Int
  let head: String
  let body: String

  init(_ text: String) throws {
    let parts = try #require(text.range(of: "\r\n\r\n"), "no reply: \(text)")
    head = String(text[..<parts.lowerBound])
    status = try #require(Int(head.split(separator: " ")[1]))
    body = String(text[parts.upperBound...])
  }

  /// The body; null where it is no JSON.
  var json: JSON { (try? JSON(parsing: body)) ?? .null }

  /// The `message`, `param` and `code` of an error.
  var error: (message: String?, field: String?, code: String?) {
    let error = json["error"]
    return (error?["message"]?.string, error?["param"]?.string, error?["code"]?.string)
  }

  /// The data of server-sent events.
  var events: [String] {
    body.components(separatedBy: "\r\n").flatMap { $0.components(separatedBy: "\n") }
      .filter { $0.hasPrefix("data: ") }.map { String($0.dropFirst(6)) }
  }
}
