import Descriptors
import Foundation

/// A content on its way into the cache: `blobs/HASH.incomplete`, which a later process goes on with.
///
/// Its owner holds the content's lock.
final class PartialBlob {
  /// How many bytes are there.
  private(set) var count: Int
  private let path: String
  private let file: HubFile
  private let descriptor: Int32
  private var hasher: ContentHasher

  /// Opens what an earlier attempt left, or begins.
  /// - Throws: `HubError`.
  init(_ file: HubFile, blob: String) throws(HubError) {
    self.file = file
    path = blob + ".incomplete"
    count = 0
    hasher = ContentHasher(like: file.hash, size: file.size)
    descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o666)
    guard descriptor >= 0 else { throw .system(path, "cannot be written") }
    try readRest()
    // More than there should be: another content, then.
    if count > file.size { try restart() }
  }

  deinit { if descriptor >= 0 { close(descriptor) } }

  /// Adds bytes at the end.
  /// - Throws: `TransferFailure.damaged` where they are more than the file has; `HubError`.
  func append(_ bytes: UnsafeRawBufferPointer) throws {
    guard bytes.count <= file.size - count else {
      throw TransferFailure.damaged("more than the \(file.size) bytes came that the hub lists")
    }
    hasher.update(bytes)
    let code = writeAll(bytes, to: descriptor, at: count)
    guard code == 0 else {
      throw HubError.system(path, "cannot be written (HF_HUB_CACHE names another place)", code)
    }
    count += bytes.count
  }

  /// Forgets what is there.
  /// - Throws: `HubError`.
  func restart() throws(HubError) {
    guard ftruncate(descriptor, 0) == 0 else { throw .system(path, "cannot be emptied") }
    count = 0
    hasher = ContentHasher(like: file.hash, size: file.size)
  }

  /// Puts the content into its place.
  /// - Throws: `TransferFailure.damaged` where it is not what was published; `HubError`.
  func finish(at blob: String) throws {
    let hash = hasher.finalize()
    guard count == file.size, hash == file.hash.text else {
      throw TransferFailure.damaged("its content has the hash \(hash), the hub published \(file.hash.text)")
    }
    guard fsync(descriptor) == 0 else { throw HubError.system(path, "cannot be written") }
    guard rename(path, blob) == 0 else { throw HubError.system(blob, "cannot be put in its place") }
  }

  /// Reads what is there, for the hash.
  private func readRest() throws(HubError) {
    var chunk = [UInt8](repeating: 0, count: 1 << 20)
    while true {
      let read = pread(descriptor, &chunk, chunk.count, off_t(count))
      if read < 0 && errno == EINTR { continue }
      guard read >= 0 else { throw .system(path, "cannot be read") }
      guard read > 0, count <= file.size else { return }
      chunk.withUnsafeBytes { hasher.update(UnsafeRawBufferPointer(rebasing: $0[..<read])) }
      count += read
    }
  }
}
