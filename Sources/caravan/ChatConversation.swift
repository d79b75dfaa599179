import Foundation
import JSON
import Text

/// A conversation as it grows, and the commands that change it.
struct ChatConversation {
  private(set) var messages: [Message] = []
  /// Whether a person asked to leave.
  private(set) var hasEnded = false
  private var system: String?

  init(system: String?) {
    self.system = system
    reset()
  }

  /// Takes an input: a command, or something to answer.
  /// - Returns: the conversation to answer; nil where there is nothing to.
  mutating func take(_ input: String) throws -> [Message]? {
    guard input.hasPrefix("/") else {
      guard !input.allSatisfy(\.isWhitespace) else { return nil }
      messages.append(Message(role: "user", content: input))
      return messages
    }
    let words = input.split(separator: " ", maxSplits: 1)
    let argument = words.count > 1 ? words[1].trimmingCharacters(in: .whitespaces) : ""
    switch words.first {
    case "/exit", "/quit":
      hasEnded = true
    case "/help":
      note(Self.help)
    case "/reset":
      reset()
      note("[a new conversation]")
    case "/system":
      system = argument.isEmpty ? nil : argument
      reset()
      note(
        argument.isEmpty ? "[no system message; a new conversation]" : "[a new conversation with this system message]")
    case "/retry":
      guard messages.last?.role == "assistant" else { note("[there is no answer yet]"); return nil }
      messages.removeLast()
      return messages
    case "/save":
      try save(argument)
    default:
      note(
        "There is no command \(words.first ?? "/"); /help names them. A text that begins with / needs \"\"\" around it."
      )
    }
    return nil
  }

  /// Adds the answer.
  mutating func add(answer: String) { messages.append(Message(role: "assistant", content: answer)) }

  /// Forgets what could not be answered.
  mutating func takeBack() { if messages.last?.role == "user" { messages.removeLast() } }

  private mutating func reset() { messages = system.map { [Message(role: "system", content: $0)] } ?? [] }

  /// Adds the conversation to a file of conversations, as `caravan sft` reads them.
  private func save(_ path: String) throws {
    guard !path.isEmpty else { note("name the file: /save chats.jsonl"); return }
    guard messages.contains(where: { $0.role == "assistant" }) else { note("[there is no answer yet]"); return }
    let list = JSON.array(messages.map(\.json))
    let record = JSON.object(["messages": list]).text + "\n"
    let descriptor = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { note("\(path) cannot be written: \(String(cString: strerror(errno)))"); return }
    let file = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
    do {
      try file.write(contentsOf: Data(record.utf8))
      note("[added to \(path)]")
    } catch {
      note("\(path) cannot be written: \(error.localizedDescription)")
    }
  }

  private static let help = """
    /system TEXT   begin anew with this system message; without TEXT, with none
    /reset         begin anew
    /retry         another answer to the last message
    /save FILE     add the conversation to a JSONL file, which 'caravan sft --data' reads
    /help          this
    /exit          leave, as Ctrl-D does
    A line that ends in a backslash goes on in the next; lines between \"\"\" and \"\"\" are one message, and so is what is pasted.
    The arrow keys bring back what was typed before, in earlier chats too. Ctrl-C stops an answer, or drops what is typed.
    """
}
