import Descriptors
import Foundation
import JSON

/// A file of JSON Lines that what was found out is appended to, as it comes.
///
/// A line that was not finished is not read, and the next begins below it.
final class AppendedLines {
  /// What was there.
  let records: [JSON]
  private let descriptor: Int32
  private let path: String

  /// Opens a file, which may be there already.
  /// - Throws: `EvaluationError` where it cannot be read or written.
  init(file: URL) throws(EvaluationError) {
    path = file.path
    descriptor = open(file.path, O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC, 0o666)
    guard descriptor >= 0 else {
      throw EvaluationError("\(file.path): cannot be written: \(String(cString: strerror(errno)))")
    }
    guard let bytes = FileManager.default.contents(atPath: file.path) else {
      throw EvaluationError("\(file.path): cannot be read")
    }
    records = bytes.split(separator: UInt8(ascii: "\n")).compactMap { try? JSON(parsing: [UInt8]($0)) }
    // Whoever was killed left half a line.
    if let last = bytes.last, last != UInt8(ascii: "\n") { _ = writeAll(Array("\n".utf8), to: descriptor) }
  }

  deinit { if descriptor >= 0 { close(descriptor) } }

  /// Adds a line.
  /// - Throws: `EvaluationError` where the file cannot be written.
  func append(_ record: JSON) throws(EvaluationError) {
    let code = writeAll(Array((record.text + "\n").utf8), to: descriptor)
    guard code == 0 else { throw EvaluationError("\(path): cannot be written: \(String(cString: strerror(code)))") }
  }
}
