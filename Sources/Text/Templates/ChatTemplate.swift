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
  ///   - specialTokens: The tokenizer's, by the names that templates know: `bos_token`, `eos_token`, ….
  /// - Throws: `TemplateError`: where the template refuses the conversation, its own message.
  public func render(
    _ messages: [Message], context: ChatContext = ChatContext(), addingGenerationPrompt: Bool,
    specialTokens: TextKeyed<JSON>
  ) throws(TemplateError) -> String {
    try renderTracing(
      .array(messages.map(\.json)), context, addingGenerationPrompt: addingGenerationPrompt,
      specialTokens: specialTokens
    ).text
  }

  /// Whether the template marks what the assistant says with `{% generation %}`.
  public var marksGenerations: Bool { template.marksGenerations }

  /// The text of a conversation as `render` gives it, and which of its UTF-8 bytes the template marks as the assistant's.
  public func renderMarked(
    _ messages: [Message], context: ChatContext = ChatContext(), specialTokens: TextKeyed<JSON>
  ) throws(TemplateError) -> (text: String, marked: [Range<Int>]) {
    let (text, generations) = try renderTracing(
      .array(messages.map(\.json)), context, addingGenerationPrompt: false, specialTokens: specialTokens)
    return (text, generations)
  }

  /// The text of a conversation whose messages are as in a file, at a given time, and what the template marks of it.
  package func renderTracing(
    _ messages: JSON, _ context: ChatContext, addingGenerationPrompt: Bool,
    specialTokens: TextKeyed<JSON>, clock: WallClock = .now
  ) throws(TemplateError) -> (text: String, generations: [Range<Int>]) {
    // As transformers merges them: of two of one name the later wins.
    var variables = specialTokens
    variables.merge(context.variables) { $1 }
    variables["messages"] = messages
    variables["tools"] = context.tools.isEmpty ? .null : .array(context.tools)
    variables["documents"] = context.documents.isEmpty ? .null : .array(context.documents)
    variables["add_generation_prompt"] = .bool(addingGenerationPrompt)
    return try template.renderTracing(variables, clock: clock)
  }
}
