import Foundation

/// A file that is read at any place.
///
/// It is not mapped into memory: a file that another program shortens would then end this one.
final class InputFile {
  let path: String
  /// The file's length when it was opened.
  let count: Int
  private let descriptor: Int32

  init(_ path: String) throws(Problem) {
    // Without O_NONBLOCK, opening a named pipe would wait for a writer for ever.
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else { throw Problem(String(cString: strerror(errno))) }
    var status = stat()
    guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
      close(descriptor)
      throw Problem("Parquet is read from files only: this is a folder, a pipe or a device")
    }
    self.path = path
    self.descriptor = descriptor
    count = Int(status.st_size)
  }

  deinit { close(descriptor) }

  /// Fills `output` with the bytes from `offset` on.
  func read(at offset: Int, into output: UnsafeMutableRawBufferPointer) throws(Problem) {
    var done = 0
    while done < output.count {
      let free = UnsafeMutableRawBufferPointer(rebasing: output[done...])
      let count = pread(descriptor, free.baseAddress, free.count, off_t(offset + done))
      if count < 0, errno == EINTR { continue }
      guard count >= 0 else { throw Problem(String(cString: strerror(errno))) }
      guard count > 0 else { throw Problem("the file became shorter while it was read") }
      done += count
    }
  }
}
