import JSON

/// One turn of a conversation.
public struct Message: Sendable, Hashable {
  /// Who speaks: `system`, `user`, `assistant`, `tool`, or another role that the chat template knows.
  public let role: String
  /// What is said; of a list of parts their texts, one after the other. Empty where a turn only calls tools.
  public let content: String
  /// The whole turn, where it holds more than a role and a text: `tool_calls`, `tool_call_id`, `reasoning_content`, ….
  public let fields: JSON?

  /// A turn of `role` that says `content`.
  /// - Parameter fields: the turn as a chat template is to see it, where that is more than a role and a text.
  public init(role: String, content: String, fields: JSON? = nil) {
    self.role = role
    self.content = content
    self.fields = fields
  }

  /// Whether the bytes are the same.
  public static func == (a: Message, b: Message) -> Bool {
    a.role == b.role && a.content == b.content && a.fields == b.fields
  }

  /// Feeds the bytes.
  public func hash(into hasher: inout Hasher) {
    role.hashBytes(into: &hasher)
    content.hashBytes(into: &hasher)
    hasher.combine(fields)
  }

  /// The turn as a chat template sees it.
  public var json: JSON { fields ?? ["role": .string(role), "content": .string(content)] }

  /// The functions that the turn calls, as they stand in its `tool_calls`.
  public var toolCalls: [JSON] { fields?["tool_calls"]?.array ?? [] }

  /// How much the turn counts in supervised fine-tuning: its `weight`, and 1 where it has none.
  public var weight: Double { fields?["weight"]?.double ?? 1 }

  /// Whether supervised fine-tuning learns the turn: the assistant's, unless its `weight` is 0.
  public var isLearned: Bool { role == "assistant" && weight != 0 }
}
