/// What came of an answer since the piece before.
public struct GeneratedPiece: Sendable, Equatable {
  /// Why an answer ended.
  public enum Finish: String, Sendable {
    /// The model ended it, or a stop text came.
    case stop
    /// It reached its most tokens.
    case length
  }

  /// The new text; empty while the bytes of a character or the beginning of a stop text are held back.
  public var text: String
  /// The new tokens, the one that ended the answer left out.
  public var tokens: [ScoredToken]
  /// Set in the last piece.
  public var finish: Finish?

  /// A piece.
  public init(text: String = "", tokens: [ScoredToken] = [], finish: Finish? = nil) {
    self.text = text
    self.tokens = tokens
    self.finish = finish
  }
}
