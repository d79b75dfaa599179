import Text

/// What the server needs of a model: its tokens, and answers piece by piece.
public protocol ServedModel: Sendable {
  /// The most tokens that a prompt and its answer may have together.
  var contextLength: Int { get }
  /// The number of token ids.
  var vocabularySize: Int { get }
  /// The tokens of a conversation, up to where the assistant's answer begins.
  /// - Parameter continuing: whether the last message goes on, rather than being answered.
  /// - Throws: an error whose description a client may read, as where the chat template refuses a role.
  func tokens(_ messages: [Message], _ context: ChatContext, continuing: Bool) throws -> [Int32]
  /// The tokens of a text that is to be continued.
  func tokens(_ text: String) throws -> [Int32]
  /// The text of tokens.
  func text(_ tokens: [Int32]) -> String
  /// Continues a prompt that is not empty. The sequence ends after a piece with a `finish`; whoever stops reading it, or
  /// is cancelled, ends the generation.
  /// - Throws: at once where the engine cannot take it.
  func generate(
    _ prompt: [Int32], _ options: AnswerOptions
  ) throws -> any AsyncSequence<GeneratedPiece, any Error> & Sendable
}
