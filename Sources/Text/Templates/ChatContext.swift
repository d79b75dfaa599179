import JSON

/// What a chat template is given besides the messages.
public struct ChatContext: Sendable, Hashable {
  /// Functions that the model may call, as JSON schemas; the template's `tools`, none where there are none.
  public var tools: [JSON]
  /// Texts to answer from; the template's `documents`, none where there are none.
  public var documents: [JSON]
  /// Other variables by their names, such as `enable_thinking`.
  public var variables: TextKeyed<JSON>

  /// A context; without arguments, the one of an ordinary conversation.
  public init(tools: [JSON] = [], documents: [JSON] = [], variables: TextKeyed<JSON> = [:]) {
    self.tools = tools
    self.documents = documents
    self.variables = variables
  }
}
