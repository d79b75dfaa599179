import Foundation

/// Where progress is shown.
public struct ProgressOutput {
  /// The columns of the terminal, asked anew for every line since windows change; nil for anything but a terminal.
  package var columns: () -> Int?
  package var write: (String) -> Void
  /// Seconds on a clock that never goes back.
  package var now: () -> Double

  package init(columns: @escaping () -> Int?, write: @escaping (String) -> Void, now: @escaping () -> Double) {
    self.columns = columns
    self.write = write
    self.now = now
  }

  /// Standard error: a line rewritten in place where it is a terminal, plain lines elsewhere.
  public static var standardError: ProgressOutput {
    let start = ContinuousClock.now
    return ProgressOutput(columns: terminalColumns, write: writeToStandardError) {
      (ContinuousClock.now - start) / .seconds(1)
    }
  }

  private static func terminalColumns() -> Int? {
    guard isatty(STDERR_FILENO) == 1, ProcessInfo.processInfo.environment["TERM"] != "dumb" else { return nil }
    var size = winsize()
    // Terminals that do not know their size say 0.
    guard ioctl(STDERR_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return 80 }
    return Int(size.ws_col)
  }
}
