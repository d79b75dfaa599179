import Inference
import JSON
import Text

/// Writes answers in the order of their prompts, the first unfinished one as it comes.
struct AnswerWriter {
  /// A prompt, and what it is continued from.
  struct Prompt {
    let messages: [Message]
    /// Raw text, which is shown with its continuation.
    let text: String
    let tokens: [Int32]
    /// The other columns of its record, in which rewards find what is right.
    var columns: JSON = [:]
  }

  private let prompts: [Prompt]
  private let answers: Int
  private let asJSON: Bool
  private var texts: [String]
  private var ends: [GenerationEnd?]
  /// The answer whose turn it is.
  private var current = 0

  init(prompts: [Prompt], answers: Int, asJSON: Bool, isRaw: Bool) {
    self.prompts = prompts
    self.answers = answers
    self.asJSON = asJSON
    texts = (0..<prompts.count * answers).map { isRaw && !asJSON ? prompts[$0 / answers].text : "" }
    ends = texts.map { _ in nil }
  }

  /// Takes what came of the answer at a place; writes what can be written.
  mutating func take(_ event: GenerationEvent, at place: Int) throws {
    switch event {
    case .part(let text, _): texts[place] += text
    case .prompt: break
    case .finished(let end): ends[place] = end
    }
    while current < ends.count {
      let end = ends[current]
      if asJSON {
        guard let end else { return }
        try output(json(current, end).text + "\n")
      } else {
        try output(texts[current] + (end == nil ? "" : "\n"))
      }
      texts[current] = ""
      if end == nil { return }
      current += 1
    }
  }

  private func json(_ place: Int, _ end: GenerationEnd) -> JSON {
    let messages = prompts[place / answers].messages
    let reason = end.reason == .length ? "length" : "stop"
    return [
      "prompt": .array(messages.map(\.json)),
      "completion": .string(texts[place]), "finish_reason": .string(reason), "tokens": .integer(end.answerTokens),
    ]
  }
}
