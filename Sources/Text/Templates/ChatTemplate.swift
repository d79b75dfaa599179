import Foundation
import JSON
import OrderedCollections

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
  ///   - addingGenerationPrompt: Whether the text ends where an answer of the assistant would begin.
  ///   - bosToken: The tokenizer's token for the beginning of a text; empty where it has none.
  ///   - eosToken: The tokenizer's token for the end of a text.
  ///   - tools: Functions that the model may call, as JSON schemas.
  /// - Throws: `TemplateError`: where the template refuses the conversation, its own message.
  public func render(
    _ messages: [Message], addingGenerationPrompt: Bool, bosToken: String, eosToken: String, tools: [JSON] = []
  ) throws(TemplateError) -> String {
    try render(
      .array(messages.map { ["role": .string($0.role), "content": .string($0.content)] }),
      addingGenerationPrompt: addingGenerationPrompt, bosToken: bosToken, eosToken: eosToken, tools: tools, clock: .now)
  }

  /// The text of a conversation whose messages may have more than a role and a text, at a given time.
  package func render(
    _ messages: JSON, addingGenerationPrompt: Bool, bosToken: String, eosToken: String, tools: [JSON],
    clock: WallClock
  ) throws(TemplateError) -> String {
    try template.render(
      [
        "messages": messages, "tools": tools.isEmpty ? .null : .array(tools), "documents": .null,
        "add_generation_prompt": .bool(addingGenerationPrompt), "bos_token": .string(bosToken),
        "eos_token": .string(eosToken),
      ], clock: clock)
  }

  /// The text of a conversation with all variables that the template may read besides the usual ones, such as the
  /// tokenizer's special tokens, and which of its UTF-8 bytes the template marks as the assistant's.
  package func renderTracing(
    _ messages: JSON, addingGenerationPrompt: Bool, tools: [JSON], variables: OrderedDictionary<String, JSON>,
    clock: WallClock = .now
  ) throws(TemplateError) -> (text: String, generations: [Range<Int>]) {
    var values = variables
    values["messages"] = messages
    values["tools"] = tools.isEmpty ? .null : .array(tools)
    values["documents"] = variables["documents"] ?? .null
    values["add_generation_prompt"] = .bool(addingGenerationPrompt)
    return try template.renderTracing(values, clock: clock)
  }

  /// The text of a conversation with all variables that the template may read besides the usual ones.
  package func render(
    _ messages: JSON, addingGenerationPrompt: Bool, tools: [JSON], variables: OrderedDictionary<String, JSON>,
    clock: WallClock = .now
  ) throws(TemplateError) -> String {
    try renderTracing(
      messages, addingGenerationPrompt: addingGenerationPrompt, tools: tools, variables: variables, clock: clock
    ).text
  }

  /// Whether the template marks what the assistant generates.
  package var marksGenerations: Bool { template.marksGenerations }
}
