import JSON

/// How one of the two endpoints writes answers.
protocol AnswerForm: Sendable {
  /// What an answer's id begins with.
  static var idPrefix: String { get }
  /// The kind of a whole answer.
  static var object: String { get }
  /// The kind of a streamed part.
  static var partObject: String { get }
  /// What a stream says of a choice before its first text; nil for nothing.
  static func opening(index: Int) -> JSON?
  /// A part of a choice.
  /// - Parameter offset: the characters of the choice before this part.
  static func part(_ piece: GeneratedPiece, index: Int, offset: Int, scored: Bool) -> JSON
  /// A whole choice.
  static func choice(_ piece: GeneratedPiece, index: Int, scored: Bool) -> JSON
}

extension ScoredToken.Alternative {
  /// The log-probability as JSON can hold it, which has no infinity.
  var json: JSON { logProbability.map { .number($0.isNaN ? -9999 : max(-9999, Double($0))) } ?? .null }
}

extension GeneratedPiece {
  var finishJSON: JSON { finish.map { .string($0.rawValue) } ?? .null }
}
