import Descriptors
import Foundation
import JSON

/// A file of votes, one JSON object a line: whole lines only, each on the disk before the vote is acknowledged.
final class VoteFile {
  private let path: String
  private let descriptor: Int32
  /// The lines that the file had when it was opened.
  let earlier: [JSON]

  /// Opens the file, or begins it, and keeps other servers from it.
  /// - Throws: `VoteFileError` for a file that cannot be written, holds something else than votes, or is in use.
  init(path: String) throws(VoteFileError) {
    self.path = path
    descriptor = open(path, O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { throw VoteFileError(cannot: "be opened", path) }
    do throws(VoteFileError) {
      guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
        throw VoteFileError(path, "is in use by another server; give each its own \(setting: "votes")")
      }
      earlier = try Self.lines(path)
    } catch {
      close(descriptor)
      throw error
    }
  }

  deinit { close(descriptor) }

  /// Adds a line.
  /// - Throws: `VoteFileError`; the file then is as it was.
  func append(_ json: JSON) throws(VoteFileError) {
    let line = Array((json.text + "\n").utf8)
    let length = lseek(descriptor, 0, SEEK_END)
    guard length >= 0 else { throw VoteFileError(cannot: "be written", path) }
    var code = writeAll(line, to: descriptor)
    while code == 0, fsync(descriptor) != 0 {
      if errno != EINTR { code = errno }
    }
    guard code == 0 else {
      _ = ftruncate(descriptor, length)
      throw VoteFileError(cannot: "be written", path, code)
    }
  }

  private static func lines(_ path: String) throws(VoteFileError) -> [JSON] {
    guard let data = FileManager.default.contents(atPath: path) else { throw VoteFileError(cannot: "be read", path) }
    guard data.last ?? UInt8(ascii: "\n") == UInt8(ascii: "\n") else {
      throw VoteFileError(path, "does not end with a whole line; complete or remove its last line")
    }
    var lines: [JSON] = []
    for (index, line) in data.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).enumerated() {
      if line.allSatisfy({ $0 == 0x20 || $0 == 0x0D || $0 == 0x09 }) { continue }
      do throws(JSONError) { lines.append(try JSON(parsing: Array(line))) } catch {
        throw VoteFileError("\(path):\(index + 1)", "is not JSON; \(setting: "votes") takes a file of lines of JSON")
      }
    }
    return lines
  }
}
