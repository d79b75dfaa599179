/// One turn of a conversation.
public struct Message: Sendable, Hashable {
  /// Who speaks: `system`, `user`, `assistant`, or another role that the chat template knows.
  public var role: String
  /// What is said.
  public var content: String

  /// A turn of `role` that says `content`.
  public init(role: String, content: String) {
    self.role = role
    self.content = content
  }
}
