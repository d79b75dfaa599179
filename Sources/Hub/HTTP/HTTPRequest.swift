import Foundation

/// What is asked of a server.
struct HTTPRequest: Sendable {
  let address: URL
  var headers: [(name: String, value: String)] = []
  /// How long the whole may take; nil for as long as it needs.
  var longest: Duration?
}
