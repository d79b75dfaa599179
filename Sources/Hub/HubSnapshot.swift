import Foundation

/// Files of a repository at one commit, in the cache.
public struct HubSnapshot: Sendable {
  /// The folder that holds them; what was never fetched is not there.
  public let folder: URL
  /// Those that were asked for, by path.
  public let files: [HubFile]

  /// Where they lie.
  public var paths: [String] { files.map { folder.appending(path: $0.path).path } }
}
