import Foundation
import Terminal

/// The progress of loading a model, shown where it is large and a person looks on.
struct LoadingProgress {
  private static let unit = 1_000_000
  private var line: ProgressLine?

  /// So many of the files' bytes have been read.
  mutating func update(read: Int, total: Int) {
    guard isatty(STDERR_FILENO) != 0, total >= 1000 * Self.unit else { return }
    var line =
      self.line ?? ProgressLine("loading", total: total / Self.unit, unit: "MB", done: read / Self.unit)
    line.update(done: read / Self.unit)
    self.line = line
  }

  /// Takes the line away: what comes next is what was asked for.
  mutating func finish() { line?.hide() }
}
