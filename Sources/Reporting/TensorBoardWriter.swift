import Foundation
import JSON
import SwiftProtobuf
import TensorBoardEvents

/// Writes a run's metrics as an event file that TensorBoard shows.
///
/// Tags follow transformers' callback, so that runs of both lie in the same charts: `loss` becomes `train/loss`,
/// `eval_loss` becomes `eval/loss`.
public final class TensorBoardWriter {
  private let file: AppendedFile
  private let now: () -> Double

  /// Begins an event file in `folder`, which is made where it is missing.
  /// - Parameter step: The step after which a run resumes; TensorBoard then drops later steps of earlier files.
  /// - Throws: `ReportingError`.
  public convenience init(folder: URL, resumingAfter step: Int? = nil) throws(ReportingError) {
    try self.init(folder: folder, resumingAfter: step, now: { Date().timeIntervalSince1970 })
  }

  package init(
    folder: URL, resumingAfter step: Int? = nil, now: @escaping () -> Double
  ) throws(ReportingError) {
    do {
      try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    } catch {
      throw ReportingError(folder.path, "cannot make the folder: \(error.reasonOnOneLine)")
    }
    file = try Self.newFile(in: folder, time: Int(now()))
    self.now = now
    try append(step: 0, .fileVersion("brain.Event:2"))
    if let step { try append(step: step + 1, .sessionLog(.with { $0.status = .start })) }
  }

  /// Adds the metrics that are numbers, as 32-bit floats, which is what TensorBoard draws.
  /// - Throws: `ReportingError`; the file then ends with the record before.
  public func append(step: Int, _ metrics: Metrics) throws(ReportingError) {
    let values = metrics.compactMap { key, value in
      value.double.map { number in
        TensorBoardSummary.Value.with {
          $0.tag = Self.tag(of: key)
          $0.simpleValue = Float(number)
        }
      }
    }
    guard !values.isEmpty else { return }
    try append(step: step, .summary(.with { $0.value = values }))
  }

  /// Forces all records to the disk.
  public func sync() throws(ReportingError) { try file.sync() }

  private static func tag(of key: String) -> String {
    key.hasPrefix("eval_") ? "eval/" + key.dropFirst(5) : "train/" + key
  }

  private func append(step: Int, _ what: TensorBoardEvent.OneOf_What) throws(ReportingError) {
    let event = TensorBoardEvent.with {
      $0.wallTime = now()
      $0.step = Int64(step)
      $0.what = what
    }
    let bytes: [UInt8]
    do { bytes = try event.serializedBytes() } catch { throw ReportingError(file.path, "cannot encode: \(error)") }
    try file.append(TFRecord.frame(bytes))
  }

  /// TensorBoard reads a folder's files in the order of their names, which therefore begin with the time.
  private static func newFile(in folder: URL, time: Int) throws(ReportingError) -> AppendedFile {
    let host = ProcessInfo.processInfo.hostName.replacing("/", with: "-")
    let name = "events.out.tfevents.\(time).\(host).\(getpid())"
    var number = 0
    while FileManager.default.fileExists(atPath: folder.appending(path: "\(name).\(number)").path) { number += 1 }
    return try AppendedFile(path: folder.appending(path: "\(name).\(number)").path)
  }
}
