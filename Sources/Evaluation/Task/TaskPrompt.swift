import Text

/// What a model reads: an opening, solved examples, the question, and how its answer begins.
public struct TaskPrompt: Sendable, Equatable {
  /// What stands first.
  public var opening: String
  /// Solved examples, each with what parts it from the next.
  public var shots: [String]
  /// The question.
  public var question: String
  /// How the answer begins: in a conversation the assistant's first words, in a raw text what follows the question.
  public var answerBeginning: String
  /// Whether the question is the user's in a conversation, and not raw text.
  public var isChat: Bool
  /// The most tokens that the prompt may have, the one that begins a text not counted; nil for the model's context.
  /// Examples are left out, the last first, until it fits.
  public var maximumTokens: Int?
  /// Whether all examples stay where they do not fit, as in the harness, and the text loses its beginning instead.
  public var keepsShots = false

  /// A prompt.
  public init(
    opening: String = "", shots: [String] = [], question: String, answerBeginning: String = "", isChat: Bool,
    maximumTokens: Int? = nil
  ) {
    (self.opening, self.shots, self.question) = (opening, shots, question)
    (self.answerBeginning, self.isChat, self.maximumTokens) = (answerBeginning, isChat, maximumTokens)
  }

  /// The text with the first `count` examples.
  /// - Throws: `TemplateError` where the chat template refuses it.
  public func text(shots count: Int, _ format: ChatFormat) throws(TemplateError) -> String {
    let request = opening + shots.prefix(count).joined() + question
    guard isChat else { return request + answerBeginning }
    let text = try format.text([Message(role: "user", content: request)], addingGenerationPrompt: true)
    guard !answerBeginning.isEmpty else { return text }
    // The suite parts the beginning from a template that ends without white space.
    return text + (text.utf8.last == UInt8(ascii: "\n") || text.utf8.last == UInt8(ascii: " ") ? "" : " ")
      + answerBeginning
  }

  /// The text with as many examples as fit, or with all.
  /// - Parameter most: the most tokens that there is room for.
  /// - Returns: the text, its tokens, and how many examples it has; without any, or with all, it may still be too long.
  func fitted(_ format: ChatFormat, most: Int) throws(TemplateError) -> (text: String, tokens: [Int32], shots: Int) {
    var count = shots.count
    while true {
      let text = try text(shots: count, format)
      let tokens = format.tokens(text)
      let own = tokens.count - (tokens.first == format.tokenizer.bos ? 1 : 0)
      if count == 0 || keepsShots || own <= maximumTokens ?? .max && tokens.count <= most {
        return (text, tokens, count)
      }
      count -= 1
    }
  }
}
