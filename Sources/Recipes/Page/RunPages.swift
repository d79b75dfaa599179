import Foundation
import Training

/// Writes a run's page whenever a checkpoint is written, and at the end.
final class RunPages: RunObserver {
  private let folder: URL
  private let remark: (String) throws -> Void

  /// - Parameter remark: takes what a person should know.
  init(folder: URL, remark: @escaping (String) throws -> Void) {
    self.folder = folder
    self.remark = remark
  }

  func observe(_ event: RunEvent) throws {
    switch event {
    case .saved, .finished:
      do { try RunPage(folder: folder).write(to: folder) } catch {
        try remark("the run's page cannot be written: \(error)")
      }
    default: break
    }
  }
}
