import Foundation
import Hub
import Synchronization
import TestHub
import TestSupport

/// A cache of its own for a test; gone when the test is over.
final class Scratch: Sendable {
  let folder: TemporaryFolder
  private let told = Mutex<[HubEvent]>([])

  /// What was told of downloads so far.
  var events: [HubEvent] { told.withLock(\.self) }
  var notes: [String] {
    events.compactMap { if case .note(let text) = $0 { text } else { nil } }
  }

  var url: URL { folder.url }

  init() throws { folder = try TemporaryFolder() }

  /// A hub at a server's address, with this cache.
  func hub(
    _ address: String, patience: Patience = .hasty, _ environment: [String: String] = [:]
  ) throws -> Hub {
    let own = ["HF_ENDPOINT": address, "HF_HUB_CACHE": url.path, "HF_HOME": url.appending(path: "home").path]
    return Hub(try HubSettings(environment: own.merging(environment) { $1 }), patience: patience) { [weak self] event in
      self?.told.withLock { $0.append(event) }
    }
  }

  /// The paths of all files and links below a folder, sorted.
  func files(_ folder: String = "") throws -> [String] {
    let place = url.appending(path: folder).path
    let paths = FileManager.default.enumerator(atPath: place)?.allObjects.compactMap { $0 as? String } ?? []
    return paths.filter { path in
      var isFolder: ObjCBool = false
      let isLink = (try? FileManager.default.destinationOfSymbolicLink(atPath: place + "/" + path)) != nil
      return isLink
        || FileManager.default.fileExists(atPath: place + "/" + path, isDirectory: &isFolder) && !isFolder.boolValue
    }.sorted()
  }

  func has(_ path: String) -> Bool { FileManager.default.fileExists(atPath: url.appending(path: path).path) }

  func bytes(_ path: String) -> [UInt8]? {
    FileManager.default.contents(atPath: url.appending(path: path).path).map(Array.init)
  }
}

extension Patience {
  /// A patience for tests: waits of milliseconds.
  static var hasty: Patience {
    var patience = Patience()
    patience.firstWait = .milliseconds(1)
    patience.silence = .seconds(5)
    return patience
  }
}

/// A count that requests share.
final class Counter: Sendable {
  private let value = Mutex(0)

  /// The count with this one.
  func next() -> Int {
    value.withLock {
      $0 += 1
      return $0
    }
  }
}

/// Bytes that look like none other of the same seed's neighbours.
func noise(_ count: Int, seed: UInt64 = 1) -> [UInt8] {
  var state = seed
  return (0..<count).map { _ in
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    return UInt8(truncatingIfNeeded: state >> 33)
  }
}

/// The message of the error that work ends with; nil where it ends well.
func message(_ work: () async throws -> some Any) async -> String? {
  do {
    _ = try await work()
    return nil
  } catch {
    return "\(error)"
  }
}
