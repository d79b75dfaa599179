import Foundation
import JSON
import ModelFiles

/// A repository's folder in the cache, laid out as huggingface_hub does it:
///
///     models--owner--name/blobs/HASH                    a file's content
///                        /snapshots/COMMIT/config.json  -> ../../blobs/HASH
///                        /refs/main                     the commit that main was when it was last fetched
///                        /trees/COMMIT.json             all files of that commit, fetched or not
struct RepositoryCache {
  let folder: URL
  private let locks: URL
  private let repository: HubRepository

  init(_ repository: HubRepository, in cache: URL) {
    self.repository = repository
    folder = cache.appending(path: repository.cacheName)
    locks = cache.appending(path: ".locks").appending(path: repository.cacheName)
  }

  func blob(_ file: HubFile) -> String { folder.appending(path: "blobs/\(file.hash.text)").path }
  func lock(_ file: HubFile) -> String { locks.appending(path: "\(file.hash.text).lock").path }
  func snapshot(_ commit: String) -> URL {
    folder.appending(path: "snapshots").appending(path: commit, directoryHint: .isDirectory)
  }
  private func tree(_ commit: String) -> String { folder.appending(path: "trees/\(commit).json").path }

  /// Makes the folders that a download writes to.
  func prepare(_ commit: String) throws(HubError) {
    for folder in [folder.appending(path: "blobs"), locks, snapshot(commit)] { try Self.makeFolder(folder.path) }
  }

  /// Whether a file's content is there, whole.
  func holds(_ file: HubFile) -> Bool { Self.size(of: blob(file)) == file.size }

  /// How much of a file's content has come already.
  func count(of file: HubFile) -> Int {
    holds(file) ? file.size : min(file.size, Self.size(of: blob(file) + ".incomplete") ?? 0)
  }

  /// Whether a snapshot has a file, whole.
  func snapshot(_ commit: String, has file: HubFile) -> Bool {
    Self.size(of: snapshot(commit).appending(path: file.path).path) == file.size
  }

  /// Puts a file whose content is there into a snapshot.
  func link(_ file: HubFile, commit: String) throws(HubError) {
    let path = snapshot(commit).appending(path: file.path).path
    guard !snapshot(commit, has: file) else { return }
    try Self.makeFolder(Path.folder(of: path))
    let depth = file.path.utf8.count { $0 == UInt8(ascii: "/") } + 2
    let target = String(repeating: "../", count: depth) + "blobs/" + file.hash.text
    unlink(path)
    // Another process may have been faster.
    guard symlink(target, path) == 0 || errno == EEXIST else { throw .system(path, "cannot be made") }
  }

  // MARK: Commits

  /// The commit that a revision was when it was last fetched; nil where it never was.
  func commit(of revision: String) -> String? {
    if HubRevision.isCommit(revision) { return revision }
    let path = folder.appending(path: "refs").appending(path: revision).path
    guard let bytes = try? FileHandle(forReadingAtPath: path)?.read(upToCount: 100) else { return nil }
    let commit = String(decoding: bytes, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
    return HubRevision.isCommit(commit) ? commit : nil
  }

  /// Notes which commit a revision is.
  func setCommit(_ commit: String, of revision: String) throws {
    guard !HubRevision.isCommit(revision), self.commit(of: revision) != commit else { return }
    let path = folder.appending(path: "refs").appending(path: revision).path
    try Self.makeFolder(Path.folder(of: path))
    try AtomicFile.write(Array(commit.utf8), to: path)
  }

  // MARK: Listings

  /// The listing of a commit, where it was kept.
  func listing(_ commit: String) -> HubListing? {
    guard let handle = FileHandle(forReadingAtPath: tree(commit)),
      let bytes = try? handle.read(upToCount: Transport.longestAnswer), let json = try? JSON(parsing: Array(bytes))
    else { return nil }
    return HubListing(commit: commit, tree: json)
  }

  /// Keeps the listing of a commit, which never changes.
  func keep(_ listing: HubListing) throws {
    guard self.listing(listing.commit) == nil else { return }
    let path = tree(listing.commit)
    try Self.makeFolder(Path.folder(of: path))
    try AtomicFile.write(Array(listing.treeText.utf8), to: path)
  }

  /// What a snapshot holds whose listing is not known, as older tools leave them; nil where there is none.
  func filesFound(_ commit: String) -> HubListing? {
    let snapshot = snapshot(commit).path
    guard let paths = FileManager.default.enumerator(atPath: snapshot) else { return nil }
    var files: [HubFile] = []
    for case let path as String in paths {
      let place = snapshot + "/" + path
      guard let link = try? FileManager.default.destinationOfSymbolicLink(atPath: place),
        let size = Self.size(of: place)
      else { continue }
      let hash = Path.name(of: link)
      let isLarge = hash.utf8.count == 64
      if let file = try? HubFile(path: path, size: size, sha256: isLarge ? hash : nil, gitID: isLarge ? "" : hash) {
        files.append(file)
      }
    }
    return files.isEmpty ? nil : try? HubListing(commit: commit, files: files)
  }

  // MARK: Files

  /// The size of a file, through links; nil where there is none.
  private static func size(of path: String) -> Int? {
    var status = stat()
    guard stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return nil }
    return Int(status.st_size)
  }

  private static func makeFolder(_ path: String) throws(HubError) {
    do {
      try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    } catch {
      throw HubError(
        "\(path): the folder cannot be made; is the cache's disk writable? HF_HUB_CACHE names another place")
    }
  }
}
