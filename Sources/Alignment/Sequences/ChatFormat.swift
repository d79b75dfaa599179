import Text

/// How conversations become tokens: a chat template, a tokenizer, and a rule about the token that begins a text.
public struct ChatFormat: Sendable {
  /// Whether the beginning-of-text token is put before what the template writes; never a second time.
  public enum BeginningRule: String, Sendable, CaseIterable {
    /// Where the tokenizer does so by default.
    case auto
    /// Wherever the text does not begin with it.
    case always
    /// Nowhere.
    case never
  }

  /// The tokenizer.
  public let tokenizer: Tokenizer
  /// The chat template.
  public let template: ChatTemplate
  /// The rule about the beginning.
  public let beginning: BeginningRule

  /// A format.
  public init(tokenizer: Tokenizer, template: ChatTemplate, beginning: BeginningRule = .auto) {
    self.tokenizer = tokenizer
    self.template = template
    self.beginning = beginning
  }

  /// The text of a conversation.
  /// - Throws: `TemplateError` where the template refuses it.
  public func text(_ messages: some Sequence<Message>, addingGenerationPrompt: Bool) throws -> String {
    try template.render(
      Array(messages), addingGenerationPrompt: addingGenerationPrompt, bosToken: tokenizer.bosToken ?? "",
      eosToken: tokenizer.eosToken ?? "")
  }

  /// The tokens of a text that the template wrote; special tokens are what it wrote, and the beginning what the rule says.
  public func tokens(_ text: String) -> [Int32] {
    let tokens = tokenizer.encode(text)
    guard let bos = tokenizer.bos, tokens.first != bos else { return tokens }
    switch beginning {
    case .always: return [bos] + tokens
    case .auto: return tokenizer.addsBOS ? [bos] + tokens : tokens
    case .never: return tokens
    }
  }

  /// The tokens of a conversation.
  public func tokens(_ messages: some Sequence<Message>, addingGenerationPrompt: Bool) throws -> [Int32] {
    tokens(try text(messages, addingGenerationPrompt: addingGenerationPrompt))
  }
}
