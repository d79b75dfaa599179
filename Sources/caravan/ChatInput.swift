import CReadline
import Foundation
import Synchronization
import Terminal

/// What a person types at a prompt: a line, or several.
enum ChatInput {
  /// A line, or that Ctrl-C dropped what was typed.
  private enum Line {
    case text(String)
    case dropped(hadText: Bool)
    case end
  }

  /// The next input; nil at the end, and where Ctrl-C comes twice with nothing typed.
  static func read() -> String? {
    var isLeaving = false
    while true {
      switch message() {
      case .text(let text): return text
      case .end: return nil
      case .dropped(hadText: true): isLeaving = false
      case .dropped(hadText: false):
        if isLeaving { return nil }
        isLeaving = true
        note("(Ctrl-C again, or Ctrl-D, leaves)")
      }
    }
  }

  /// A line that ends in a backslash goes on in the next. Lines between two lines of `"""` are one input.
  private static func message() -> Line {
    let first = line("> ")
    guard case .text(var text) = first else { return first }
    let isBlock = text.hasPrefix("\"\"\"")
    if isBlock { text.removeFirst(3) }
    while isBlock ? !text.hasSuffix("\"\"\"") : text.hasSuffix("\\") {
      switch line(". ") {
      case .text(let next): text = (isBlock ? text : String(text.dropLast())) + "\n" + next
      case .dropped: return .dropped(hadText: true)
      case .end: return .text(isBlock ? text : String(text.dropLast()))
      }
    }
    return .text(isBlock ? text.dropLast(3).trimmingCharacters(in: .newlines) : text)
  }

  /// Has the lines of a terminal edited from now on, with a history; what is pasted is one line, however many it has.
  ///
  /// While an answer is written nothing reads; that a terminal then holds more than its own 4,095 bytes of a line back, rather
  /// than lose them, it must not put lines together itself.
  static func editLines() {
    readline_prepare { AnswerInterruption.takeIdle() ? 1 : 0 }
    ChatHistory.begin()
    var state = termios()
    guard tcgetattr(STDIN_FILENO, &state) == 0 else { return }
    earlier.withLock { $0 = state }
    state.c_lflag &= ~tcflag_t(ICANON)
    tcsetattr(STDIN_FILENO, TCSANOW, &state)
    atexit {
      _ = earlier.withLock { $0.map { state in withUnsafePointer(to: state) { tcsetattr(STDIN_FILENO, TCSANOW, $0) } } }
    }
  }

  private static func line(_ sign: String) -> Line {
    guard isatty(STDIN_FILENO) != 0 else { return readLine().map { .text($0) } ?? .end }
    // Ctrl-C between an answer and this is about neither.
    _ = AnswerInterruption.takeIdle()
    var ending = readline_whole
    guard let line = readline_edited(sign, &ending) else { return .end }
    defer { free(line) }
    guard ending == readline_whole else { return .dropped(hadText: ending == readline_interrupted_text) }
    if strspn(line, " \t\n") < strlen(line) { ChatHistory.add(line) }
    // A paste may end its lines as other systems do.
    return .text(String(cString: line).replacing("\r\n", with: "\n").replacing("\r", with: "\n"))
  }
}

/// The terminal as it was.
private let earlier = Mutex<termios?>(nil)
