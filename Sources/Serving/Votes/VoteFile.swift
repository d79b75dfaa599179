import Descriptors
import Foundation
import JSON

/// A file of votes, or of ratings, one JSON object a line: whole lines only, each on the disk before it is acknowledged.
final class VoteFile {
  private let path: String
  private var descriptor: Int32
  /// The lines that the file had when it was opened.
  let earlier: [JSON]

  /// Opens the file, or begins it, and keeps other servers from it.
  /// - Parameter setting: the setting that names it.
  /// - Throws: `VoteFileError` for a file that cannot be written, holds something else than votes, or is in use.
  init(path: String, setting: String = "votes") throws(VoteFileError) {
    self.path = path
    descriptor = open(path, O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { throw VoteFileError(cannot: "be opened", path) }
    do throws(VoteFileError) {
      guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
        throw VoteFileError(path, "is in use by another server; give each its own \(setting: setting)")
      }
      earlier = try Self.lines(path, setting)
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

  /// Puts another line, or none, in the place of one. The file is written anew beside it and takes its place when it is on the
  /// disk, so that it is whole at any moment.
  /// - Returns: whether the line was there.
  /// - Throws: `VoteFileError`; the file then is as it was.
  func replace(where isIt: (JSON) -> Bool, with json: JSON?) throws(VoteFileError) -> Bool {
    guard let data = FileManager.default.contents(atPath: path) else { throw VoteFileError(cannot: "be read", path) }
    var lines = data.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
    guard let place = lines.firstIndex(where: { (try? JSON(parsing: Array($0))).map(isIt) ?? false }) else {
      return false
    }
    if let json { lines[place] = Data(json.text.utf8) } else { lines.remove(at: place) }
    let content = Array(lines.joined(separator: [UInt8(ascii: "\n")]))
    let target = URL(filePath: path).resolvingSymlinksInPath().path
    let partial = target + ".partial"
    let other = open(partial, O_RDWR | O_APPEND | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0o600)
    guard other >= 0 else { throw VoteFileError(cannot: "be written", partial) }
    var status = stat()
    guard fstat(descriptor, &status) == 0, fchmod(other, status.st_mode) == 0, flock(other, LOCK_EX | LOCK_NB) == 0,
      writeAll(content, to: other) == 0, fsync(other) == 0, rename(partial, target) == 0
    else {
      let error = VoteFileError(cannot: "be written", path)
      close(other)
      unlink(partial)
      throw error
    }
    close(descriptor)
    descriptor = other
    Self.syncFolder(of: target)
    return true
  }

  /// Without it a crash could bring back what was replaced, and nothing worse.
  private static func syncFolder(of path: String) {
    let folder = open(URL(filePath: path).deletingLastPathComponent().path, O_RDONLY | O_CLOEXEC)
    guard folder >= 0 else { return }
    fsync(folder)
    close(folder)
  }

  private static func lines(_ path: String, _ setting: String) throws(VoteFileError) -> [JSON] {
    guard let data = FileManager.default.contents(atPath: path) else { throw VoteFileError(cannot: "be read", path) }
    guard data.last ?? UInt8(ascii: "\n") == UInt8(ascii: "\n") else {
      throw VoteFileError(path, "does not end with a whole line; complete or remove its last line")
    }
    var lines: [JSON] = []
    for (index, line) in data.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).enumerated() {
      if line.allSatisfy({ $0 == 0x20 || $0 == 0x0D || $0 == 0x09 }) { continue }
      do throws(JSONError) { lines.append(try JSON(parsing: Array(line))) } catch {
        throw VoteFileError("\(path):\(index + 1)", "is not JSON; \(setting: setting) takes a file of lines of JSON")
      }
    }
    return lines
  }
}
