/// What came of an answer since the piece before.
public struct GeneratedPiece: Sendable, Equatable {
  /// Why an answer ended.
  public enum Finish: String, Sendable {
    /// The model ended it, or a stop text came.
    case stop
    /// It reached its most tokens.
    case length
    /// The model ended it, and calls tools in it.
    case toolCalls = "tool_calls"
    /// Moderation refused it, or its prompt.
    case contentFilter = "content_filter"
  }

  /// The new text; empty while the bytes of a character or the beginning of a stop text are held back.
  public var text: String
  /// The new tokens, the one that ended the answer left out.
  public var tokens: [ScoredToken]
  /// The prompt's tokens, where they are given out too; they come before the answer's.
  public var promptTokens: [ScoredToken]
  /// The tools that it calls.
  var calls: [ToolCall] = []
  /// Set in the last piece.
  public var finish: Finish?

  /// A piece.
  public init(
    text: String = "", tokens: [ScoredToken] = [], promptTokens: [ScoredToken] = [], finish: Finish? = nil
  ) {
    self.text = text
    self.promptTokens = promptTokens
    self.tokens = tokens
    self.finish = finish
  }
}
