import Hub
import Reporting
import Synchronization
import Terminal

/// Tells of a download or an upload on standard error: what was left out, a line of progress, and what went wrong on the way.
final class HubReport: Sendable {
  private struct State {
    var progress: ProgressLine?
    /// The bytes that the line counts as one.
    var unit = 1
  }

  private let state = Mutex(State())
  private let doing: String
  private let tellsLeftOut: Bool

  /// - Parameters:
  ///   - doing: what the line of progress says, as `downloading`.
  ///   - tellsLeftOut: whether it was not the person who chose the files.
  init(_ doing: String, tellsLeftOut: Bool = false) { (self.doing, self.tellsLeftOut) = (doing, tellsLeftOut) }

  func callAsFunction(_ event: HubEvent) {
    state.withLock { state in
      switch event {
      case .planned(_, let missing, let leftOut):
        guard missing > 0 else { return }
        if tellsLeftOut, !leftOut.isEmpty {
          let names = leftOut.prefix(3).map { $0.path } + (leftOut.count > 3 ? ["…"] : [])
          note(
            "left out: \(leftOut.count) files (\(names.joined(separator: ", "))); 'caravan download' fetches them with --include"
          )
        }
        state.unit = missing >= 10_000_000 ? 1_000_000 : 1000
      case .progress(let bytes, let total):
        func units(_ bytes: Int) -> Int { (bytes + state.unit - 1) / state.unit }
        if state.progress == nil {
          guard bytes < total else { return }
          // An upload has no plan that is told.
          if state.unit == 1 { state.unit = total >= 10_000_000 ? 1_000_000 : 1000 }
          state.progress = ProgressLine(
            doing, total: units(total), unit: state.unit == 1000 ? "kB" : "MB", done: units(bytes))
        }
        state.progress?.update(done: units(bytes))
        if bytes == total {
          state.progress?.finish()
          state.progress = nil
        }
      case .note(let text):
        if state.progress == nil { note(text) } else { state.progress?.note(text) }
      }
    }
  }
}
