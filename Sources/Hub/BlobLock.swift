import Foundation

/// The right to fetch one content, among all processes that use the cache: huggingface_hub takes the same lock. It ends
/// with its owner.
final class BlobLock: Sendable {
  private let descriptor: Int32

  /// Takes the lock at `path`, or nothing where another has it.
  init?(_ path: String) throws(HubError) {
    let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o664)
    guard descriptor >= 0 else { throw .system(path, "cannot be made") }
    self.descriptor = descriptor
    guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
      guard errno == EWOULDBLOCK || errno == EINTR else {
        throw .system(path, "the cache's disk cannot lock files (HF_HUB_CACHE names another place)")
      }
      return nil
    }
    // Some owners remove the file when they are done; a lock on a removed file excludes nobody.
    var (own, current) = (stat(), stat())
    guard fstat(descriptor, &own) == 0, stat(path, &current) == 0, own.st_ino == current.st_ino else { return nil }
  }

  deinit { close(descriptor) }

  /// Waits for the lock.
  /// - Parameter waiting: is called once where another has it.
  static func wait(_ path: String, waiting: () -> Void) async throws -> BlobLock {
    if let lock = try BlobLock(path) { return lock }
    waiting()
    while true {
      try await Task.sleep(for: .milliseconds(100))
      if let lock = try BlobLock(path) { return lock }
    }
  }
}
