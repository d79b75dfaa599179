import JSON
import Text

extension RecordFields {
  /// The columns around the messages.
  static let around = [["system"], ["tools"], ["documents"], ["chat_template_kwargs"], ["weight"]]

  /// What the chat template is given besides the messages. Lists may be spelled as strings of JSON, as tables have them.
  func context() throws(RecordError) -> ChatContext {
    var context = ChatContext(tools: try objects("tools"), documents: try objects("documents"))
    if has("chat_template_kwargs") {
      guard let variables = json["chat_template_kwargs"]?.object else {
        throw mismatch("chat_template_kwargs", "an object", json["chat_template_kwargs"])
      }
      context.variables = variables
    }
    return context
  }

  /// The messages with the text of a `system` column before them.
  func withSystem(_ messages: [Message]) throws(RecordError) -> [Message] {
    guard has("system") else { return messages }
    let text = try string(json["system"], "system")
    if let first = messages.first, first.role == "system" {
      guard text.isEmpty || first.content.isIdenticalText(to: text) else {
        throw RecordError(
          location, field: "system", "differs from the conversation's own system message; keep one of them")
      }
      return messages
    }
    return text.isEmpty ? messages : [Message(role: "system", content: text)] + messages
  }

  /// What is odd about a margin.
  var marginRemark: String? {
    has("margin") && json["margin"]?.double == nil ? "'margin' is no number, and is ignored" : nil
  }

  /// How much the record counts: its `weight`, and 1 where it has none.
  func weight() throws(RecordError) -> Double { try weight(json["weight"], "weight") }

  /// A weight. Its bounds keep products and sums of weights within what numbers can tell apart.
  func weight(_ value: JSON?, _ field: String) throws(RecordError) -> Double {
    guard let value, value != .null else { return 1 }
    let expected = "0 (not learned) or a number from 1e-9 to 1e9"
    guard let weight = value.double else { throw mismatch(field, expected, value) }
    guard weight == 0 || (1e-9...1e9).contains(weight) else {
      throw RecordError(location, field: field, "must be \(expected)", detail: "\(weight)")
    }
    return weight
  }

  /// Says so where a weight is more than a yes or a no, in records that all count alike.
  static func remark(_ weight: Double, _ messages: [Message]) -> String? {
    let weights = [weight] + messages.filter { $0.role == "assistant" }.map(\.weight)
    guard weights.contains(where: { $0 != 0 && $0 != 1 }) else { return nil }
    return "a 'weight' is neither 0 nor 1; only conversations are weighted, and the record counts like any other"
  }

  /// Refuses an answer that is labelled good or bad, which imitating would learn either way.
  func refuseLabel() throws(RecordError) {
    guard Rating.isOne(json), has("completion") else { return }
    throw RecordError(
      location, field: "label",
      "says whether the answer is good, as rows for KTO do; imitating would learn the bad ones too: train towards the labels "
        + "with KTO or BCO, or keep the good ones, without this column")
  }

  private func objects(_ field: String) throws(RecordError) -> [JSON] {
    guard has(field), var value = json[field] else { return [] }
    if let text = value.string {
      guard let parsed = try? JSON(parsing: Array(text.utf8)) else {
        throw RecordError(location, field: field, "is a string that is not JSON; expected a list")
      }
      value = parsed
    }
    guard let list = value.array else {
      guard value == .null else { throw mismatch(field, "a list", value) }
      return []
    }
    for (index, element) in list.enumerated() where element.object == nil {
      throw mismatch("\(field)[\(index)]", "an object", element)
    }
    return list
  }
}
