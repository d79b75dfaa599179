import Synchronization

/// What happens during a download or an upload, for whoever watches.
public enum HubEvent: Sendable, Equatable {
  /// Before the first byte of a download: what is wanted, how much of it is yet to come, and what was left out.
  case planned(files: [HubFile], missingBytes: Int, leftOut: [HubFile])
  /// How many bytes are there by now, of how many.
  case progress(bytes: Int, of: Int)
  /// Something worth a line.
  case note(String)
}

/// Counts the bytes of files, which come or go at the same time.
final class TransferProgress: Sendable {
  private let total: Int
  private let events: @Sendable (HubEvent) -> Void
  private let bytes = Mutex(0)

  init(total: Int, _ events: @escaping @Sendable (HubEvent) -> Void) {
    self.total = total
    self.events = events
  }

  /// Counts bytes; less than none where some must come again.
  func add(_ count: Int) {
    // Told under the lock, so that what is told does not go back.
    bytes.withLock {
      $0 += count
      events(.progress(bytes: $0, of: total))
    }
  }

  func note(_ text: String) { events(.note(text)) }
}

/// Counts the bytes of one file, some of which may go again.
final class SentBytes: Sendable {
  private let progress: TransferProgress
  private let count = Mutex(0)

  init(_ progress: TransferProgress) { self.progress = progress }

  /// Counts bytes; less than none where some go again.
  func add(_ more: Int) {
    count.withLock { $0 += more }
    progress.add(more)
  }

  /// Says how many there are after all.
  func settle(at total: Int) { add(total - count.withLock(\.self)) }
}
