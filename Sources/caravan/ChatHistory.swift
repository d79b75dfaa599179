import CReadline
import Foundation
import Synchronization
import Terminal

/// What a person typed in chats, kept between them where XDG has a program's state, for nobody else to read.
enum ChatHistory {
  /// The most inputs that are kept, and the most bytes of one: more is brought back in its own chat only.
  private static let (inputs, bytes) = (1000, 64 << 10)

  /// `$XDG_STATE_HOME/caravan/chat_history`; XDG has paths that are not absolute ignored.
  private static let file: URL = {
    let named = ProcessInfo.processInfo.environment["XDG_STATE_HOME"].flatMap { $0.hasPrefix("/") ? $0 : nil }
    let state = named.map { URL(filePath: $0) } ?? URL.homeDirectory.appending(path: ".local/state")
    return state.appending(path: "caravan/chat_history")
  }()

  /// Brings back what earlier chats kept.
  static func begin() {
    stifle_history(CInt(inputs))
    do {
      let folder = file.deletingLastPathComponent()
      try FileManager.default.createDirectory(
        at: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
      let descriptor = open(file.path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NONBLOCK, 0o600)
      guard descriptor >= 0 else { throw POSIXError(.init(rawValue: errno) ?? .EIO) }
      defer { close(descriptor) }
      var found = stat()
      guard fstat(descriptor, &found) == 0, found.st_mode & S_IFMT == S_IFREG, found.st_size <= inputs * bytes * 2
      else {
        throw POSIXError(.EFBIG)
      }
      fchmod(descriptor, 0o600)
      read_history(file.path)
      history_truncate_file(file.path, CInt(inputs))
      isKept.store(true, ordering: .relaxed)
    } catch {
      note("What is typed is not kept for later chats: \(file.path): \(error.localizedDescription)")
    }
  }

  /// Adds an input.
  static func add(_ line: UnsafePointer<CChar>) {
    add_history(line)
    guard isKept.load(ordering: .relaxed) else { return }
    guard strlen(line) <= bytes else { note("[too long to be kept for later chats]"); return }
    append_history(1, file.path)
  }
}

/// Whether there is a file to keep inputs in.
private let isKept = Atomic(false)
