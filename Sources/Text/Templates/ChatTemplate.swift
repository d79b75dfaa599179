import Foundation
import JSON

/// Turns a conversation into the text that a model reads, as a Jinja template says.
///
/// Templates run as transformers runs them, with the variables `messages`, `add_generation_prompt`, `bos_token`,
/// `eos_token` and `tools` (none where there are none).
public struct ChatTemplate: Sendable {
  /// The name of a built-in template, or the file that the template was read from.
  public let name: String
  /// The template's Jinja source, for `chat_template` in a model folder.
  public let source: String
  private let template: JinjaTemplate

  /// Reads a template's source; `name` is what errors call it.
  /// - Throws: `TemplateError` with the line and what is wrong there.
  public init(source: String, name: String) throws(TemplateError) {
    self.name = name
    self.source = source
    template = try JinjaTemplate(source: source, name: name)
  }

  /// A built-in template by its name, else the template in the file at that path, as `--chat-template` takes them.
  /// - Throws: `TemplateError`, which lists the built-in names where there is no such file either.
  public init(nameOrFile: String) throws(TemplateError) {
    if let builtIn = Self.named(nameOrFile) {
      self = builtIn
      return
    }
    guard let bytes = FileManager.default.contents(atPath: nameOrFile) else {
      let names = Self.names.joined(separator: ", ")
      throw TemplateError(
        template: nameOrFile, line: nil,
        reason: "there is no built-in template of that name (\(names)) and no file at that path that can be read")
    }
    guard let source = String(validating: bytes, as: UTF8.self) else {
      throw TemplateError(template: nameOrFile, line: nil, reason: "the file is not UTF-8 text")
    }
    try self.init(source: source, name: nameOrFile)
  }

  /// The text of a conversation.
  ///
  /// - Parameters:
  ///   - messages: The turns, in order.
  ///   - context: Tools, documents and other variables.
  ///   - addingGenerationPrompt: Whether the text ends where an answer of the assistant would begin.
  ///   - bosToken: The tokenizer's token for the beginning of a text; empty where it has none.
  ///   - eosToken: The tokenizer's token for the end of a text.
  /// - Throws: `TemplateError`: where the template refuses the conversation, its own message.
  public func render(
    _ messages: [Message], context: ChatContext = ChatContext(), addingGenerationPrompt: Bool, bosToken: String,
    eosToken: String
  ) throws(TemplateError) -> String {
    try template.render(
      Self.variables(
        .array(messages.map(\.json)), context, addingGenerationPrompt: addingGenerationPrompt,
        tokens: ["bos_token": .string(bosToken), "eos_token": .string(eosToken)]))
  }

  /// Whether the template marks what the assistant says with `{% generation %}`.
  public var marksGenerations: Bool { template.marksGenerations }

  /// The text of a conversation as `render` gives it, and which of its UTF-8 bytes the template marks as the assistant's.
  public func renderMarked(
    _ messages: [Message], context: ChatContext = ChatContext(), bosToken: String, eosToken: String
  ) throws(TemplateError) -> (text: String, marked: [Range<Int>]) {
    let (text, marked) = try template.renderTracing(
      Self.variables(
        .array(messages.map(\.json)), context, addingGenerationPrompt: false,
        tokens: ["bos_token": .string(bosToken), "eos_token": .string(eosToken)]))
    return (text, marked)
  }

  /// The text of a conversation whose messages are as in a file, at a given time.
  package func render(
    _ messages: JSON, addingGenerationPrompt: Bool, bosToken: String, eosToken: String, tools: [JSON],
    clock: WallClock
  ) throws(TemplateError) -> String {
    try template.render(
      Self.variables(
        messages, ChatContext(tools: tools), addingGenerationPrompt: addingGenerationPrompt,
        tokens: ["bos_token": .string(bosToken), "eos_token": .string(eosToken)]), clock: clock)
  }

  /// What a template can name, as transformers passes it: of two variables of one name the later wins.
  private static func variables(
    _ messages: JSON, _ context: ChatContext, addingGenerationPrompt: Bool, tokens: TextKeyed<JSON>
  ) -> TextKeyed<JSON> {
    var variables = tokens
    variables.merge(context.variables) { $1 }
    variables["messages"] = messages
    variables["tools"] = context.tools.isEmpty ? .null : .array(context.tools)
    variables["documents"] = context.documents.isEmpty ? .null : .array(context.documents)
    variables["add_generation_prompt"] = .bool(addingGenerationPrompt)
    return variables
  }
}
