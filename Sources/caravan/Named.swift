import Datasets
import Evaluation
import Foundation
import GGUF
import Hub
import ModelFiles
import Recipes
import Reporting

/// What people name where a path is expected: a path of this computer, or else something of the hub. The one place where
/// names become paths.
enum Named {
  /// The folder of a model: a path, that of a GGUF file too, or OWNER/NAME of the hub, with @REVISION where it is not the
  /// newest.
  /// - Throws: `HubError` where the hub was asked and does not have it; `ModelFileError` for a GGUF file that is not read.
  static func model(_ name: String) throws -> URL {
    if name.lowercased().hasSuffix(".gguf"), isLocal(name) { return try GGUFFolder.opening(URL(filePath: name)) }
    guard !isLocal(name), let there = HubName(name), there.split == nil else { return URL(filePath: name) }
    return try snapshot(there, .model, .model, named: name).folder
  }

  /// The files of data: paths and splits of folders, or OWNER/NAME:SPLIT or OWNER/NAME/CONFIGURATION:SPLIT of the hub,
  /// with @REVISION before the colon where it is not the newest.
  /// - Parameter everySplit: a folder stands for all its files of records, whatever their splits.
  /// - Throws: `HubError` where the hub was asked and does not have it; `DatasetError` for a path that is not there, and
  ///   for a folder of several splits.
  static func data(_ names: [String], everySplit: Bool = false) throws -> [String] {
    try names.flatMap { name in
      guard !DataFiles.isLocal(name), let there = HubName(name) else {
        let found = try DataFiles.find([name], everySplit: everySplit)
        for remark in found.remarks { note(remark) }
        return found.paths
      }
      guard let split = there.split else {
        throw HubError("\(name): no such file or folder (name a split on the hub with it: \(name):train)")
      }
      return try snapshot(there, .dataset, .split(split, configuration: there.configuration), named: name).paths
    }
  }

  /// What a report calls it: the last part of a path, or what it is on the hub, without the revision.
  static func title(_ name: String) -> String {
    guard !DataFiles.isLocal(name), let there = HubName(name) else { return URL(filePath: name).lastPathComponent }
    let configuration = there.configuration.map { "/" + $0 } ?? ""
    return there.repository + configuration + (there.split.map { ":" + $0 } ?? "")
  }

  /// Waits for a download, with its progress on standard error.
  static func fetching(
    _ selection: HubSelection, _ work: @escaping @Sendable (Hub) async throws -> HubSnapshot
  ) throws -> HubSnapshot {
    let report = HubReport("downloading", tellsLeftOut: selection == .model)
    let hub = Hub(try HubSettings()) { report($0) }
    return try wait { try await work(hub) }
  }

  private static func isLocal(_ name: String) -> Bool { FileManager.default.fileExists(atPath: name) }

  private static func snapshot(
    _ there: HubName, _ kind: HubRepository.Kind, _ selection: HubSelection, named name: String
  ) throws -> HubSnapshot {
    do {
      let repository = try HubRepository(kind, there.repository)
      return try fetching(selection) {
        try await $0.snapshot(repository, revision: there.revision, selecting: selection)
      }
    } catch let error as HubError {
      throw HubError("\(name): no such file or folder here; \(error)")
    }
  }
}

/// Finds models and data on this machine, and else on the hub.
struct HubLocator: Locator {
  func model(_ name: String) throws -> URL { try Named.model(name) }
  func data(_ names: [String]) throws -> (paths: [String], remarks: [String]) { (try Named.data(names), []) }
  func title(_ name: String) -> String { Named.title(name) }
  func benchmark(_ task: any EvaluationTask, at place: String?) throws -> BenchmarkData {
    try BenchmarkData.named(place, of: task)
  }
}

extension ModelFolder {
  /// The model that people name: a folder, or one of the hub. What its files say against each other is told.
  /// - Parameter adapter: the name of an adapter to it.
  static func named(_ name: String, adapter: String? = nil) throws -> ModelFolder {
    let folder = try ModelFolder(Named.model(name), adapter: adapter.map(Named.model), locating: Named.model)
    for remark in folder.remarks { note("\(name): \(remark)") }
    return folder
  }
}
