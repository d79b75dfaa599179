import JSON
import Text

/// What of a prompt is judged.
enum ModeratedPrompt {
  /// A conversation of more bytes is not judged as a whole.
  static let longestConversation = 8192
  /// The most characters of the text that an answer goes on from which are judged with the answer.
  static let longestContinued = 1000

  /// The texts of a conversation: what was said last, from the last user's turn on; and where it is short, the conversation as a
  /// whole, which may mean what no turn says alone.
  static func texts(_ messages: [Message]) -> [String] {
    let start = messages.lastIndex { $0.role == "user" } ?? messages.startIndex
    let last = messages[start...].map(text).joined(separator: "\n\n")
    guard start > 0 else { return [last] }
    let whole = messages.map { "\($0.role): \(text($0))" }.joined(separator: "\n\n")
    return [last] + (whole.utf8.count <= longestConversation ? [whole] : [])
  }

  private static func text(_ message: Message) -> String {
    message.toolCalls.isEmpty ? message.content : message.content + "\n" + JSON.array(message.toolCalls).text
  }
}
