import Foundation

/// What an upload would change.
public struct UploadPlan: Sendable {
  /// A file of the folder, and what the hub has in its place.
  public struct File: Sendable, Equatable {
    /// What becomes of it on the hub.
    public enum Change: String, Sendable { case new, changed, unchanged }

    /// Its path in the repository.
    public let path: String
    /// Its size in bytes.
    public let size: Int
    /// What becomes of it.
    public let change: Change
  }

  /// What stays here.
  public struct LeftOut: Sendable, Equatable {
    /// Its path; that of a folder ends with a slash.
    public let path: String
    /// Why, in a few words.
    public let reason: String
  }

  /// Where to.
  public let repository: HubRepository
  /// All files that belong there, by path.
  public let files: [File]
  /// What is in the folder and stays here.
  public let leftOut: [LeftOut]
  /// Whether everyone sees the repository; nil where there is none yet.
  public let isPublic: Bool?

  /// The files that are sent, unless the hub has their contents already.
  let changed: [LocalFile]
  /// The commit that the folder was compared with; nil where there is none.
  let base: String?

  /// How many bytes are sent.
  public var byteCount: Int { changed.reduce(0) { $0 + $1.size } }
}
