import Synchronization

/// What happens during a download, for whoever watches.
public enum HubEvent: Sendable, Equatable {
  /// Before the first byte: what is wanted, how much of it is yet to come, and what was left out.
  case planned(files: [HubFile], missingBytes: Int, leftOut: [HubFile])
  /// How many bytes are there by now, of how many.
  case progress(bytes: Int, of: Int)
  /// Something worth a line.
  case note(String)
}

/// Counts the bytes of a download's files, which come at the same time.
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
