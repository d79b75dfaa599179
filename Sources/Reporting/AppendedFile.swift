import Descriptors
import Foundation

/// A file that grows by whole records: a record that could not be written in full is taken back.
package final class AppendedFile {
  let path: String
  private let descriptor: Int32
  /// The bytes of all whole records.
  private var length: Int

  /// Opens the file for writing at its end, after cutting it to `length` bytes; without `length`, it must be new.
  package init(path: String, cutTo length: Int? = nil) throws(ReportingError) {
    descriptor = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | (length == nil ? O_EXCL : 0), 0o666)
    self.path = path
    self.length = length ?? 0
    guard descriptor >= 0 else {
      if length == nil, errno == EEXIST {
        throw ReportingError(path, "already exists; resume that run or choose another output folder")
      }
      throw ReportingError(cannot: "write", path)
    }
    if let length {
      var status = stat()
      guard fstat(descriptor, &status) == 0 else { throw ReportingError(cannot: "write", path) }
      if status.st_size > length, ftruncate(descriptor, off_t(length)) != 0 {
        throw ReportingError(cannot: "cut", path)
      }
    }
  }

  deinit { if descriptor >= 0 { close(descriptor) } }

  func append(_ record: [UInt8]) throws(ReportingError) {
    let code = writeAll(record, to: descriptor)
    guard code == 0 else {
      // Best effort: readers cut a half record too.
      _ = ftruncate(descriptor, off_t(length))
      throw ReportingError(cannot: "write", path, code: code)
    }
    length += record.count
  }

  /// Waits until all records are on the disk itself, so that they outlive a power cut.
  func sync() throws(ReportingError) {
    while fsync(descriptor) != 0 {
      // EINVAL: the file is a pipe or a device, which has no disk to wait for.
      if errno == EINVAL { return }
      guard errno == EINTR else { throw ReportingError(cannot: "write", path) }
    }
  }
}
