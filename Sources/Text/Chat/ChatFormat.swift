import Foundation

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
  public func text(
    _ messages: some Sequence<Message>, _ context: ChatContext = ChatContext(), addingGenerationPrompt: Bool
  ) throws(TemplateError) -> String {
    try template.render(
      Array(messages), context: context, addingGenerationPrompt: addingGenerationPrompt,
      specialTokens: tokenizer.specialTokens)
  }

  /// The text of a conversation, and which of its UTF-8 bytes the template marks as the assistant's.
  package func markedText(
    _ messages: [Message], _ context: ChatContext
  ) throws(TemplateError) -> (text: String, marked: [Range<Int>]) {
    try template.renderMarked(messages, context: context, specialTokens: tokenizer.specialTokens)
  }

  /// The tokens of a text that the template wrote; special tokens are what it wrote, and the beginning what the rule says.
  public func tokens(_ text: String) -> [Int32] { locatedTokens(text, at: []).tokens }

  /// The tokens of a text, and which of them hold the bytes at some places of it, which are in order.
  package func locatedTokens(_ text: String, at places: [Int]) -> (tokens: [Int32], places: [Tokenizer.Place]) {
    let (tokens, found) = tokenizer.encode(text, locating: places)
    guard let bos = tokenizer.bos, puts(bos, before: tokens) else { return (tokens, found) }
    return ([bos] + tokens, found.map { Tokenizer.Place(token: $0.token + 1, isInside: $0.isInside) })
  }

  /// Whether the beginning-of-text token is put before what the template wrote.
  public func addsBeginning(to text: String) -> Bool {
    tokenizer.bos.map { puts($0, before: tokenizer.encode(text)) } ?? false
  }

  /// Whether the beginning-of-text token goes before a text's own tokens.
  private func puts(_ bos: Int32, before tokens: [Int32]) -> Bool {
    guard tokens.first != bos else { return false }
    return switch beginning {
    case .always: true
    case .auto: tokenizer.addsBOS
    case .never: false
    }
  }

  /// The tokens of a conversation.
  public func tokens(
    _ messages: some Sequence<Message>, _ context: ChatContext = ChatContext(), addingGenerationPrompt: Bool
  ) throws -> [Int32] { tokens(try text(messages, context, addingGenerationPrompt: addingGenerationPrompt)) }
}

extension ChatFormat {
  /// The format of a model's folder: its tokenizer with the chat template of a name or file, else the tokenizer's own, else
  /// Tulu's.
  /// - Parameters:
  ///   - name: what the model is called in errors and remarks.
  ///   - remark: takes what a person should know about the tokenizer.
  /// - Throws: `TokenizerError` or `TemplateError`.
  public init(
    folder: URL, name: String, template nameOrFile: String? = nil, beginning: BeginningRule = .auto,
    remark: (String) throws -> Void = { _ in }
  ) throws {
    let tokenizer = try Tokenizer(folder: folder)
    for text in tokenizer.remarks { try remark("\(name): \(text)") }
    let template: ChatTemplate
    if let nameOrFile {
      template = try ChatTemplate(nameOrFile: nameOrFile)
    } else if let source = try tokenizer.chatTemplate(withTools: false) {
      template = try ChatTemplate(source: source, name: "of \(name)")
    } else {
      template = .tulu
    }
    self.init(tokenizer: tokenizer, template: template, beginning: beginning)
  }
}
