import CReadline
import Foundation
import Synchronization
import Terminal

/// What a person types: a line, or several.
enum ChatInput {
  /// The next input; nil at the end.
  ///
  /// A line that ends in a backslash goes on in the next. Lines between two lines of `"""` are one input.
  static func read() -> String? {
    guard var line = line("> ") else { return nil }
    if line.hasPrefix("\"\"\"") {
      var text = String(line.dropFirst(3))
      while !text.hasSuffix("\"\"\"") {
        guard let next = self.line(". ") else { return text }
        text += "\n" + next
      }
      text.removeLast(3)
      return text.trimmingCharacters(in: .newlines)
    }
    while line.hasSuffix("\\") {
      line.removeLast()
      guard let next = self.line(". ") else { return line }
      line += "\n" + next
    }
    return line
  }

  /// Has the lines of a terminal edited from now on, with a history; what is pasted is one line, however many it has.
  ///
  /// While an answer is written nothing reads; that a terminal then holds more than its own 4,095 bytes of a line back, rather
  /// than lose them, it must not put lines together itself.
  static func editLines() {
    readline_prepare(lineInterrupted)
    var state = termios()
    guard tcgetattr(STDIN_FILENO, &state) == 0 else { return }
    earlier.withLock { $0 = state }
    state.c_lflag &= ~tcflag_t(ICANON)
    tcsetattr(STDIN_FILENO, TCSANOW, &state)
    atexit {
      _ = earlier.withLock { $0.map { state in withUnsafePointer(to: state) { tcsetattr(STDIN_FILENO, TCSANOW, $0) } } }
    }
  }

  private static func line(_ sign: String) -> String? {
    guard isatty(STDIN_FILENO) != 0 else { return readLine() }
    guard let line = readline(sign) else { return nil }
    defer { free(line) }
    if strspn(line, " \t\n") < strlen(line) { add_history(line) }
    // A paste may end its lines as other systems do.
    return String(cString: line).replacing("\r\n", with: "\n").replacing("\r", with: "\n")
  }
}

/// The terminal as it was.
private let earlier = Mutex<termios?>(nil)

/// Ctrl-C while a line is typed drops the line.
private func lineInterrupted() -> CInt {
  guard AnswerInterruption.takeIdle() else { return 0 }
  readline_begin_anew("\n(Ctrl-D leaves)\n")
  return 0
}
