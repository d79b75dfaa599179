import Foundation
import Wording

/// The right to write a run's folder, among all processes. It ends with its owner, however that ends.
public final class RunLock {
  private let path: String
  private let descriptor: Int32
  private var isHeld = false

  /// Takes the lock of a folder that exists.
  /// - Parameter creating: whether to lay the lock's file down; where there is none, no other process has the folder.
  /// - Throws: `TrainingError` where another process has it.
  init?(_ folder: URL, creating: Bool) throws {
    path = folder.appending(path: ".lock").path
    // Network file systems lock only what is open for writing.
    descriptor = open(path, O_RDWR | O_CLOEXEC | O_NONBLOCK | (creating ? O_CREAT : 0), 0o666)
    guard descriptor >= 0 else {
      if errno == ENOENT || errno == ENOTDIR, !creating { return nil }
      throw TrainingError(
        "\(setting: "output") \(folder.path) cannot be locked (\(path)): \(String(cString: strerror(errno)))")
    }
    // A disk that cannot lock is no reason not to train. A file that its owner has removed since excludes nobody.
    guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 || errno != EWOULDBLOCK, isInPlace else {
      throw TrainingError(
        "\(setting: "output") \(folder.path): another caravan process is training there; wait for its end, or name another folder"
      )
    }
    isHeld = true
  }

  private var isInPlace: Bool {
    var (own, current) = (stat(), stat())
    return fstat(descriptor, &own) == 0 && stat(path, &current) == 0 && own.st_ino == current.st_ino
  }

  deinit {
    guard descriptor >= 0 else { return }
    if isHeld, isInPlace { unlink(path) }
    close(descriptor)
  }
}
