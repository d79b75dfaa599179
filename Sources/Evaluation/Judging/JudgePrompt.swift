import Hashing
import JSON
import Rewards
import Text

/// What a judge reads: a text with places such as `{instruction}`, in ChatML where it has several messages, as `alpaca_eval`
/// writes its prompts:
///
///     <|im_start|>system
///     You compare answers.
///     <|im_end|>
///     <|im_start|>user
///     {instruction}
///     <|im_end|>
public struct JudgePrompt: Sendable, Equatable {
  /// What results call it.
  public let name: String
  /// The text.
  public let template: String
  private let messages: [Message]

  /// A prompt.
  /// - Throws: `EvaluationError` for a text that has not got all `places`, and for one whose messages have no end.
  public init(_ name: String, _ template: String, places: [String]) throws(EvaluationError) {
    (self.name, self.template) = (name, template)
    for place in places where !PythonText.contains(template, "{\(place)}") {
      throw EvaluationError(
        "\(name): the judge's prompt has no place {\(place)}; it should have \(places.map { "{\($0)}" }.joined(separator: ", "))"
      )
    }
    messages = try Self.messages(in: template, name)
  }

  private init(_ name: String, _ template: String, messages: [Message]) {
    (self.name, self.template, self.messages) = (name, template, messages)
  }

  /// A prompt of our own.
  static func known(_ name: String, _ template: String) -> JudgePrompt {
    JudgePrompt(name, template, messages: (try? messages(in: template, name)) ?? [])
  }

  /// The SHA-256 of the text.
  public var digest: String { Digest.sha256(template.utf8).hexadecimal }

  /// The messages, with texts in their places. What stands in these texts is no place.
  public func filled(_ texts: TextKeyed<String>) -> [Message] {
    messages.map { Message(role: $0.role, content: Self.filled($0.content, texts)) }
  }

  private static func filled(_ template: String, _ texts: TextKeyed<String>) -> String {
    let parts = PythonText.split(template, by: "{")
    return parts.dropFirst().reduce(parts.first ?? "") { filled, part in
      let pieces = PythonText.split(part, by: "}", limit: 1)
      guard pieces.count == 2, let text = texts[pieces[0]] else { return filled + "{" + part }
      return filled + text + pieces[1]
    }
  }

  private static func messages(in template: String, _ name: String) throws(EvaluationError) -> [Message] {
    let parts = PythonText.split(template, by: "<|im_start|>")
    guard parts.count > 1 else { return [Message(role: "user", content: PythonText.strip(template))] }
    var messages: [Message] = []
    for part in parts.dropFirst() {
      let pieces = PythonText.split(part, by: "\n", limit: 1)
      let bodies = PythonText.split(pieces.last ?? "", by: "<|im_end|>", limit: 1)
      guard pieces.count == 2, bodies.count == 2 else {
        throw EvaluationError("\(name): a message of the judge's prompt has no end, <|im_end|>")
      }
      messages.append(Message(role: PythonText.strip(pieces[0]), content: PythonText.strip(bodies[0])))
    }
    return messages
  }
}

extension TaskSettings {
  /// The judge's prompt: the one that was given, or our own; nil where there is no judge.
  /// - Throws: `EvaluationError` for one that has not got all places.
  func prompt(_ own: JudgePrompt, of task: String, places: [String]) throws(EvaluationError) -> JudgePrompt? {
    guard isJudged else { return nil }
    guard let (name, template) = judgePrompt else { return own }
    return try JudgePrompt(name, template, places: places)
  }
}
