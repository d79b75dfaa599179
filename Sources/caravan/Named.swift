import Datasets
import Foundation
import Hub
import Reporting

/// What people name where a path is expected: a path of this computer, or else something of the hub. The one place where
/// names become paths.
enum Named {
  /// The folder of a model: a path, or OWNER/NAME of the hub.
  /// - Throws: `HubError` where the hub was asked and does not have it.
  static func model(_ name: String) throws -> URL {
    guard !isLocal(name), HubRepository.isName(name) else { return URL(filePath: name) }
    return try hub(HubRepository(.model, name), .model, named: name).folder
  }

  /// The files of data: paths, or OWNER/NAME:SPLIT or OWNER/NAME/CONFIGURATION:SPLIT of the hub.
  /// - Throws: `HubError` where the hub was asked and does not have it; `DatasetError` for a path that is not there.
  static func data(_ names: [String]) throws -> [String] {
    try names.flatMap { name in
      guard !isLocal(name) else { return [name] }
      guard let (repository, selection) = try split(name) else {
        guard HubRepository.isName(name) else { return [name] }
        throw HubError("\(name): no such file or folder (a split of the hub's is named with it: \(name):train)")
      }
      return try hub(repository, selection, named: name).paths
    }
  }

  /// What a report calls it: the last part of a path, or the whole name on the hub.
  static func title(_ name: String) -> String {
    let isHub = HubRepository.isName(name) || (try? split(name)) != nil
    return isHub && !isLocal(name) ? name : URL(filePath: name).lastPathComponent
  }

  /// Waits for a download, with its progress on standard error.
  static func fetching(
    _ selection: HubSelection, _ work: @escaping @Sendable (Hub) async throws -> HubSnapshot
  ) throws -> HubSnapshot {
    let report = DownloadReport(tellsLeftOut: selection == .model)
    let hub = Hub(try HubSettings()) { report($0) }
    return try wait { try await work(hub) }
  }

  private static func isLocal(_ name: String) -> Bool { FileManager.default.fileExists(atPath: name) }

  private static func hub(
    _ repository: HubRepository, _ selection: HubSelection, named name: String
  ) throws -> HubSnapshot {
    do {
      return try fetching(selection) { try await $0.snapshot(repository, selecting: selection) }
    } catch let error as HubError {
      throw HubError("\(name): no such file or folder here; \(error)")
    }
  }

  /// Reads OWNER/NAME:SPLIT and OWNER/NAME/CONFIGURATION:SPLIT; nil for what is none.
  private static func split(_ name: String) throws -> (HubRepository, HubSelection)? {
    guard let colon = name.lastIndex(of: ":") else { return nil }
    let parts = name[..<colon].split(separator: "/", maxSplits: 2, omittingEmptySubsequences: false)
    let split = String(name[name.index(after: colon)...])
    guard parts.count >= 2, HubRepository.isName("\(parts[0])/\(parts[1])"), !split.isEmpty, !split.contains("/") else {
      return nil
    }
    return (
      try HubRepository(.dataset, "\(parts[0])/\(parts[1])"),
      .split(split, configuration: parts.count == 3 ? String(parts[2]) : nil)
    )
  }
}
