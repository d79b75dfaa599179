import Reporting
import Terminal

/// A line on standard error that says how much of a file is written.
struct WritingProgress {
  private var line: ProgressLine
  private let unit: Int
  private let total: Int
  private var bytes = 0

  /// - Parameter bytes: how many there will be.
  init(bytes total: Int) {
    self.total = total
    unit = total >= 10_000_000 ? 1_000_000 : 1000
    line = ProgressLine(
      "writing", total: (total + unit - 1) / unit, unit: unit == 1000 ? "kB" : "MB")
  }

  /// So many more bytes are written.
  mutating func add(_ count: Int) {
    guard count > 0 else { return }
    bytes += count
    line.update(done: bytes == total ? (total + unit - 1) / unit : bytes / unit)
  }

  mutating func finish() { line.finish() }
}
