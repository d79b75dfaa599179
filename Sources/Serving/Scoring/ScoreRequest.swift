import JSON
import Rewards
import Text

/// The body of `/v1/score`: answers with their prompts, as `RewardEndpoint` sends them,
///
///     {"answers": [{"prompt": [{"role": "user", "content": "2 + 2?"}], "answer": "4"}]}
///
/// where a prompt may also be the text of one user's turn; or conversations that end with an answer, one or a list of them:
///
///     {"messages": [{"role": "user", "content": "2 + 2?"}, {"role": "assistant", "content": "4"}]}
struct ScoreRequest {
  /// The most answers of one request.
  static let maximumAnswers = 64

  let answers: [RewardedAnswer]

  init(_ fields: RequestFields) throws(APIError) {
    let answers = try fields.array("answers")
    let messages = try fields.array("messages")
    guard (answers == nil) != (messages == nil) else {
      throw .invalid("give either 'answers' or 'messages'", code: "missing_required_parameter")
    }
    let name = answers == nil ? "messages" : "answers"
    // One conversation is a list of objects, several are a list of lists.
    let isOne = messages?.first?.object != nil
    let elements = answers ?? (isOne ? [.array(messages ?? [])] : messages ?? [])
    guard (1...Self.maximumAnswers).contains(elements.count) else {
      throw .invalid("'\(name)' must hold 1 to \(Self.maximumAnswers) of them, found \(elements.count)", field: name)
    }
    var read: [RewardedAnswer] = []
    for (index, element) in elements.enumerated() {
      let field = isOne ? name : "\(name)[\(index)]"
      read.append(
        try answers == nil
          ? Self.conversation(element, field, fields) : Self.answer(RequestFields(element, name: field)))
    }
    self.answers = read
  }

  private static func answer(_ fields: RequestFields) throws(APIError) -> RewardedAnswer {
    guard let prompt = fields["prompt"] else { throw fields.missing("prompt") }
    guard let text = try fields.string("answer") else { throw fields.missing("answer") }
    let messages: [Message]
    if let text = prompt.string {
      messages = [Message(role: "user", content: text)]
    } else {
      guard let turns = prompt.array else { throw fields.mismatch("prompt", "a string or a list of messages", prompt) }
      messages = try ChatRequest.messages(turns, field: fields.name("prompt"))
    }
    let record = fields["record"] ?? [:]
    guard record.object != nil else { throw fields.mismatch("record", "an object", record) }
    return RewardedAnswer(prompt: messages, text: text, hasEnded: try fields.bool("ended") ?? true, columns: record)
  }

  private static func conversation(
    _ element: JSON, _ field: String, _ fields: RequestFields
  ) throws(APIError) -> RewardedAnswer {
    guard let turns = element.array else { throw fields.mismatch(field, "a list of messages", element) }
    let messages = try ChatRequest.messages(turns, field: field)
    guard let last = messages.last, last.role == "assistant" else {
      throw .invalid("'\(field)' must end with the assistant's answer", field: field)
    }
    return RewardedAnswer(prompt: messages.dropLast(), text: last.content)
  }
}
