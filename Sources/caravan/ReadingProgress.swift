import Datasets
import Reporting
import Terminal

/// The progress of reading files, shown where they are large.
struct ReadingProgress {
  private static let unit = 1_000_000
  private var line: ProgressLine?
  private var total = 0

  init(_ paths: [String]) {
    // A pipe has no size, and shows no progress.
    guard let size = try? DataFiles.size(ofFilesAt: paths), size >= 64 * Self.unit else { return }
    total = size / Self.unit
    line = ProgressLine("reading", total: total, unit: "MB")
  }

  mutating func update(bytes: Int, records: Int) {
    // Asking the clock at each record would take longer than some records do.
    // The end is reached only when the last records have been dealt with.
    if records % 1024 == 0 { line?.update(done: min(total - 1, bytes / Self.unit)) }
  }

  mutating func finish(bytes: Int) {
    line?.update(done: bytes / Self.unit)
    line?.finish()
  }
}
