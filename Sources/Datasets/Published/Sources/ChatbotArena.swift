import JSON
import Text

/// Two models' answers, and which won. In the layout of 2023 (lmsys/chatbot_arena_conversations) `conversation_a` and
/// `conversation_b` are whole conversations and `winner` is `model_a`, `model_b`, `tie` or `tie (bothbad)`. In that of 2024
/// (lmsys-arena-human-preference-55k) `prompt`, `response_a` and `response_b` are lists with a text for each turn, or such
/// lists as JSON in a string, and one of `winner_model_a`, `winner_model_b` and `winner_tie` is 1. Ties are dropped.
struct ChatbotArena: PublishedSource {
  static let name = "chatbot-arena"
  static let summary = "Chatbot Arena of 2023 or 2024, the winner"

  init(_: SourceChoices) {}

  private enum Winner { case a, b, neither }

  func take(_ row: PublishedRow) throws(RecordError) -> [Outcome] {
    let is2023 = row.fields.has("conversation_a") || row.fields.has("winner")
    let winner = is2023 ? try winnerByName(row) : try winnerByFlag(row)
    guard winner != .neither else { return [.dropped("neither answer won", row.location, rows: 1)] }
    let sides: (a: [Message], b: [Message])
    if is2023 {
      sides = (try row.messages("conversation_a"), try row.messages("conversation_b"))
    } else {
      let prompts = try texts("prompt", row)
      guard let a = try conversation(prompts, "response_a", row), let b = try conversation(prompts, "response_b", row)
      else { return [.dropped("an answer is missing", row.location, rows: 1)] }
      sides = (a, b)
    }
    let (chosen, rejected) = winner == .a ? (sides.a, sides.b) : (sides.b, sides.a)
    let source = is2023 ? "chatbot_arena_2023" : "chatbot_arena_2024"
    return [.pair([], chosen, rejected, source: source, at: row.location)]
  }

  private func winnerByName(_ row: PublishedRow) throws(RecordError) -> Winner {
    switch row.json["winner"]?.string {
    case "model_a": .a
    case "model_b": .b
    case "tie", "tie (bothbad)", "both_bad": .neither
    default: throw row.mismatch("winner", "'model_a', 'model_b', 'tie' or 'tie (bothbad)'")
    }
  }

  private func winnerByFlag(_ row: PublishedRow) throws(RecordError) -> Winner {
    var flags: [Bool] = []
    for field in ["winner_model_a", "winner_model_b"] {
      switch row.json[field]?.int {
      case 0: flags.append(false)
      case 1: flags.append(true)
      default: throw row.mismatch(field, "0 or 1")
      }
    }
    guard flags != [true, true] else {
      throw RecordError(row.location, "both 'winner_model_a' and 'winner_model_b' are 1")
    }
    return flags[0] ? .a : flags[1] ? .b : .neither
  }

  /// Prompts and a model's answers in turn; nil where an answer is missing.
  private func conversation(_ prompts: [String?], _ field: String, _ row: PublishedRow) throws(RecordError)
    -> [Message]?
  {
    let answers = try texts(field, row)
    guard answers.count == prompts.count else {
      throw RecordError(row.location, field: field, "must hold as many texts as 'prompt'")
    }
    var messages: [Message] = []
    for (prompt, answer) in zip(prompts, answers) {
      guard let prompt, let answer else { return nil }
      messages += [Message(role: "user", content: prompt), Message(role: "assistant", content: answer)]
    }
    return messages
  }

  /// A column's texts; `null` where one is missing.
  private func texts(_ field: String, _ row: PublishedRow) throws(RecordError) -> [String?] {
    var value = row.json[field]
    if let text = value?.string {
      do { value = try JSON(parsing: text) } catch {
        throw RecordError(row.location, field: field, "must be a list of strings, or one as JSON", detail: "\(error)")
      }
    }
    guard let elements = value?.array else { throw row.fields.mismatch(field, "a list of strings", value) }
    var texts: [String?] = []
    for (index, element) in elements.enumerated() {
      texts.append(element == .null ? nil : try row.fields.string(element, "\(field)[\(index)]"))
    }
    return texts
  }
}
