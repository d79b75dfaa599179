import Foundation
import JSON

/// What was measured at a step: names (`rewards/chosen`, `eval_loss`) and values, in the order in which they are shown.
public typealias Metrics = TextKeyed<JSON>

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
  /// there begins empty. One with lines that are no metrics is put aside as it is, and what it holds of the run copied.
  /// - Parameters:
  ///   - count: the most lines of that step that are kept: what was written after them will be written again too.
  ///   - remark: takes what a person should know.
  /// - Throws: `ReportingError` where the file cannot be read or written.
  public convenience init(
    resuming url: URL, after step: Int, keeping count: Int = .max, remark: (String) throws -> Void
  ) throws {
    let bytes = FileManager.default.fileExists(atPath: url.path) ? try readFile(url.path) : []
    let lines = MetricsLines(bytes)
    // From the beginning, what was measured before the first step is measured again too.
    let ranges = lines.kept(through: step > 0 ? step : -1, atMost: count)
    guard let foreign = lines.foreign.first else {
      let kept = ranges.last.map { min($0.upperBound + 1, bytes.count) } ?? 0
      let file = try AppendedFile(path: url.path, cutTo: kept)
      // The last line was whole but for its newline.
      if kept > 0, bytes[kept - 1] != newline { try file.append([newline]) }
      self.init(file: file)
      return
    }
    let place = try Self.putAside(url)
    let file = try AppendedFile(path: url.path)
    for range in ranges { try file.append(bytes[range] + [newline]) }
    try remark(
      "\(url.path):\(foreign): not a line of metrics\(lines.foreign.count > 1 ? ", as \(lines.foreign.count - 1) more" : ""); "
        + "going on with a copy of the others, and the file as it was is \(place)")
    self.init(file: file)
  }

  /// Renames a log to the first free name of its kind.
  private static func putAside(_ url: URL) throws(ReportingError) -> String {
    var number = 1
    while FileManager.default.fileExists(atPath: "\(url.path).damaged-\(number)") { number += 1 }
    let place = "\(url.path).damaged-\(number)"
    guard rename(url.path, place) == 0 else { throw ReportingError(cannot: "rename", url.path) }
    return place
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
}

private let newline = UInt8(ascii: "\n")
