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

  /// Whether the record counts: unless its `weight` is 0.
  var isLearned: Bool { json["weight"]?.double != 0 }

  /// Says so where a weight is more than a yes or a no.
  var weightRemark: String? {
    guard let weight = json["weight"]?.double, weight != 0, weight != 1 else { return nil }
    return "'weight' is neither 0 nor 1; the record counts like any other"
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
