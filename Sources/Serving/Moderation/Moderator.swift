/// What the server needs of a judge of texts: whether they may be shown.
public protocol Moderator: Sendable {
  /// The name that `/v1/moderations` gives.
  var name: String { get }
  /// Judges texts.
  /// - Returns: one verdict for each text, in their order.
  /// - Throws: where a text cannot be judged; nothing of it is shown then. The error's description must not hold the text.
  func verdicts(on texts: [String]) async throws -> [ModerationVerdict]
}

/// Why texts cannot be judged, or a judge cannot be had, in one line.
public struct ModerationError: Error, CustomStringConvertible, Equatable {
  /// The line.
  public let description: String

  /// An error that says `description`.
  public init(_ description: String) { self.description = description }
}
