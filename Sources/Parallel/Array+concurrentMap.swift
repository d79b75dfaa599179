import Foundation

extension Array where Element: Sendable {
  /// What `transform` makes of each element, computed on all cores; in the order of the elements.
  package func concurrentMap<Mapped: Sendable>(_ transform: @Sendable (Element) -> Mapped) -> [Mapped] {
    // More parts than cores, so that a core that met short elements takes over from one that met long ones.
    let parts = Swift.min(count, 16 * ProcessInfo.processInfo.activeProcessorCount)
    return [Mapped](unsafeUninitializedCapacity: count) { buffer, initializedCount in
      // Parts do not overlap, and all are done when the call returns.
      nonisolated(unsafe) let buffer = buffer
      onAllCores(parts) { part in
        for index in count * part / parts..<count * (part + 1) / parts {
          buffer.initializeElement(at: index, to: transform(self[index]))
        }
      }
      initializedCount = count
    }
  }
}
