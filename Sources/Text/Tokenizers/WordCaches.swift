import Foundation
import Synchronization

/// The word caches of a tokenizer, each for one call at a time: no more are kept than calls can run at once.
final class WordCaches: Sendable {
  /// Those that no call is using, with the threads that used them last.
  private let free = Mutex<[(cache: WordCache, thread: pthread_t)]>([])
  private static let most = ProcessInfo.processInfo.activeProcessorCount

  /// A cache: best the one that this thread had before, which the memory near its core still holds.
  func take() -> WordCache {
    let thread = pthread_self()
    return free.withLock { free in
      let own = free.firstIndex { pthread_equal($0.thread, thread) != 0 }
      return own.map { free.remove(at: $0).cache } ?? free.popLast()?.cache
    } ?? WordCache()
  }

  /// Ends the use of a cache.
  func give(back cache: WordCache) {
    let thread = pthread_self()
    free.withLock { if $0.count < Self.most { $0.append((cache, thread)) } }
  }
}
