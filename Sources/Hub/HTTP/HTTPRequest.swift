import Foundation

/// What is asked of a server.
struct HTTPRequest: Sendable {
  let address: URL
  var headers: [(name: String, value: String)] = []
  /// How long the whole may take; nil for as long as it needs.
  var longest: Duration?
  /// How long the server may be silent; nil for as long as others may.
  var silence: Duration?
  /// What is sent; nil for a plain GET.
  var sending: Sending?

  /// A body, and how it is sent.
  struct Sending: Sendable {
    /// `PUT` or `POST`.
    let method: String
    let body: HTTPBody
    /// Is told how many bytes have gone since it was told last; less than none where some go again.
    var progress: @Sendable (Int) -> Void = { _ in }
  }
}
