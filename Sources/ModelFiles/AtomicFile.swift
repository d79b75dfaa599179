import Descriptors
import Foundation

/// A file that appears whole or not at all.
///
/// Bytes go to `.name.partial-…` beside it. `commit` syncs them to the disk and renames them into place, so that a
/// reader, a crash or a full disk sees the old file or the new one and nothing between. A file that is not committed is
/// removed; one that a killed process left behind is removed when the same file is next written.
public final class AtomicFile {
  /// The file's place once it is committed.
  public let path: String
  private let partialPath: String
  private let expectedBytes: Int
  /// Open, and so locked, for as long as the partial file has its name.
  private let descriptor: Int32
  private var isCommitted = false

  /// Begins to write the file at `path`, whose folder must exist.
  /// - Parameter expectedBytes: The size that it will have; only messages use it.
  /// - Throws: `ModelFileError`.
  public init(_ path: String, expectedBytes: Int = 0) throws {
    let partial = Self.partialPrefix(of: path)
    Self.removeLeftovers(of: partial)
    self.path = path
    self.expectedBytes = expectedBytes
    while true {
      let name = "\(partial)\(getpid())-\(UInt32.random(in: 0...UInt32.max))"
      let descriptor = open(name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o666)
      guard descriptor >= 0 else { throw ModelFileError.system(path, "cannot be written") }
      // Says to `removeLeftovers` of others that this file has an owner; gone with the process.
      while flock(descriptor, LOCK_EX) != 0, errno == EINTR {}
      var status = stat()
      guard fstat(descriptor, &status) != 0 || status.st_nlink > 0 else {
        // Another writer took it for a leftover before it was locked.
        close(descriptor)
        continue
      }
      (partialPath, self.descriptor) = (name, descriptor)
      return
    }
  }

  deinit {
    guard descriptor >= 0 else { return }
    if !isCommitted { unlink(partialPath) }
    close(descriptor)
  }

  /// Appends `bytes`.
  /// - Throws: `ModelFileError`; the old file is still in place.
  public func write(_ bytes: UnsafeRawBufferPointer) throws {
    try Self.write(bytes, to: descriptor, path: path, expectedBytes: expectedBytes)
  }

  /// Appends all bytes of `bytes`.
  /// - Throws: `ModelFileError`; the old file is still in place.
  public func write(_ bytes: [UInt8]) throws { try bytes.withUnsafeBytes { try write($0) } }

  /// Waits until the bytes are on the disk. The file is not in place yet, and may still grow.
  /// - Throws: `ModelFileError`; the old file is still in place.
  public func sync() throws {
    guard fsync(descriptor) == 0 else { throw Self.failure(path, expectedBytes, errno) }
  }

  /// Puts the file in place of the old one.
  /// - Throws: `ModelFileError`; the old file is still in place.
  public func commit() throws {
    try sync()
    guard rename(partialPath, path) == 0 else { throw ModelFileError.system(path, "cannot be replaced") }
    isCommitted = true
    try Self.syncFolder(Path.folder(of: path))
  }

  /// Writes the whole file at `path`.
  /// - Throws: `ModelFileError`; the old file is still in place.
  public static func write(_ bytes: [UInt8], to path: String) throws {
    let file = try AtomicFile(path, expectedBytes: bytes.count)
    try file.write(bytes)
    try file.commit()
  }

  /// Makes renamed and removed names of a folder last.
  package static func syncFolder(_ path: String) throws {
    let folder = open(path.isEmpty ? "." : path, O_RDONLY | O_CLOEXEC)
    guard folder >= 0 else { throw ModelFileError.system(path, "cannot be synced") }
    defer { close(folder) }
    // Some network file systems cannot sync folders, and say EINVAL; nothing is to be done about it.
    guard fsync(folder) == 0 || errno == EINVAL else { throw ModelFileError.system(path, "cannot be synced") }
  }

  package static func write(
    _ bytes: UnsafeRawBufferPointer, to descriptor: Int32, path: String, expectedBytes: Int
  ) throws {
    let code = writeAll(bytes, to: descriptor)
    guard code == 0 else { throw failure(path, expectedBytes, code) }
  }

  private static func failure(_ path: String, _ expectedBytes: Int, _ code: Int32) -> ModelFileError {
    guard code == ENOSPC || code == EDQUOT else { return .system(path, "cannot be written", code) }
    let need = expectedBytes > 0 ? "; the file needs \(expectedBytes) bytes" : ""
    return ModelFileError(path, "cannot be written: the disk is full\(need)")
  }

  private static func partialPrefix(of path: String) -> String {
    Path.join(Path.folder(of: path), ".\(Path.name(of: path)).partial-")
  }

  /// Removes partial files of the same target whose writer is gone: a writer holds a lock as long as it lives.
  private static func removeLeftovers(of prefix: String) {
    let (folder, name) = (Path.folder(of: prefix), Path.name(of: prefix))
    let files = (try? FileManager.default.contentsOfDirectory(atPath: folder.isEmpty ? "." : folder)) ?? []
    for file in files where file.hasPrefix(name) {
      let path = Path.join(folder, file)
      let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
      guard descriptor >= 0 else { continue }
      if flock(descriptor, LOCK_EX | LOCK_NB) == 0 { unlink(path) }
      close(descriptor)
    }
  }
}
