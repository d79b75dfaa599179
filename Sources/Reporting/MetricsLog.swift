import Foundation
import JSON
import OrderedCollections

/// What was measured at a step: names (`rewards/chosen`, `eval_loss`) and values, in the order in which they are shown.
public typealias Metrics = OrderedDictionary<String, JSON>

/// A run's `metrics.jsonl`: one JSON object a line, `step` first.
///
/// A line is written by one call, so that a killed process leaves whole lines; about once a second the file is also
/// forced to the disk, which a power cut needs.
public final class MetricsLog {
  private let file: AppendedFile
  private let now: () -> Double
  private var lastSync: Double

  /// Begins the log of a new run.
  /// - Throws: `ReportingError` where the file exists or cannot be written.
  public convenience init(creating url: URL) throws(ReportingError) {
    self.init(file: try AppendedFile(path: url.path))
  }

  /// Goes on with the log of a run that resumes from the checkpoint of `step` (0: from the beginning).
  ///
  /// Lines of later steps and a half-written last line are cut off: the run will write them again. A file that is not
  /// there begins empty.
  /// - Throws: `ReportingError` where the file cannot be written, or where what would be cut is no log of metrics.
  public convenience init(resuming url: URL, after step: Int) throws(ReportingError) {
    let bytes = FileManager.default.fileExists(atPath: url.path) ? try readFile(url.path) : []
    let kept = try Self.lengthToKeep(of: bytes, through: step, path: url.path)
    let file = try AppendedFile(path: url.path, cutTo: kept)
    // The last line was whole but for its newline.
    if kept > 0, kept <= bytes.count, bytes[kept - 1] != newline { try file.append([newline]) }
    self.init(file: file)
  }

  package init(file: AppendedFile, now: @escaping () -> Double = { ProcessInfo.processInfo.systemUptime }) {
    self.file = file
    self.now = now
    lastSync = now()
  }

  /// Adds a line: the step, then the metrics in their order.
  /// - Throws: `ReportingError`; the file then ends with the line before.
  public func append(step: Int, _ metrics: Metrics) throws(ReportingError) {
    var line: Metrics = ["step": .integer(step)]
    for (key, value) in metrics where key != "step" { line[key] = value }
    try file.append(Array((JSON.object(line).text + "\n").utf8))
    if now() - lastSync >= 1 { try sync() }
  }

  /// Forces all lines to the disk. To be called before a checkpoint of their step counts as whole.
  public func sync() throws(ReportingError) {
    try file.sync()
    lastSync = now()
  }

  /// The bytes up to the end of the last line whose step is at most `step`, looking from the end.
  private static func lengthToKeep(of bytes: [UInt8], through step: Int, path: String) throws(ReportingError) -> Int {
    var end = bytes.count
    while end > 0 {
      let isWhole = bytes[end - 1] == newline
      let start = bytes[..<(isWhole ? end - 1 : end)].lastIndex(of: newline).map { $0 + 1 } ?? 0
      let line = Array(bytes[start..<(isWhole ? end - 1 : end)])
      if let lineStep = (try? JSON(parsing: line))?["step"]?.int {
        if lineStep <= step { return end }
      } else if isWhole {
        let number = bytes[..<start].reduce(1) { $1 == newline ? $0 + 1 : $0 }
        throw ReportingError(
          path, line: number,
          "not a line of metrics, an object with a whole-number \"step\"; move the file away to resume without it")
      }
      end = start
    }
    return 0
  }
}

private let newline = UInt8(ascii: "\n")
