import DataLayout
import Foundation
import ModelFiles

extension Hub {
  private static let filesAtOnce = 8

  /// Brings what is wanted of a commit into the cache. Where all of it is there already nothing needs to be written, so
  /// that the disk may be a read-only one.
  func fetch(
    _ listing: HubListing, _ repository: HubRepository, _ revision: String, _ selection: HubSelection,
    _ cache: RepositoryCache, _ transport: Transport
  ) async throws -> HubSnapshot {
    let commit = listing.commit
    func isThere(_ files: [HubFile]) -> Bool { files.allSatisfy { cache.snapshot(commit, has: $0) } }
    let cards = selection.cards(of: listing)
    if !isThere(cards) {
      try await bring(cards, of: listing, repository, cache, transport) { if case .note = $0 { events($0) } }
    }
    let files = try files(selection, of: listing, repository, cache)
    if isThere(files) {
      events(.planned(files: files, missingBytes: 0, leftOut: leftOut(files, of: listing)))
      do {
        try cache.keep(listing)
        try cache.setCommit(commit, of: revision)
      } catch {
        events(.note("\(repository.title): the cache cannot be written; using what is in it"))
      }
    } else {
      try await bring(files, of: listing, repository, cache, transport, events)
      // Last, so that a revision's name never leads to a snapshot that is not whole.
      try cache.setCommit(commit, of: revision)
    }
    return HubSnapshot(folder: cache.snapshot(commit), files: files)
  }

  /// Which files are wanted, where the cards that tell are in the cache.
  func files(
    _ selection: HubSelection, of listing: HubListing, _ repository: HubRepository, _ cache: RepositoryCache
  ) throws(HubError) -> [HubFile] {
    let folder = cache.snapshot(listing.commit)
    let cards = Set(selection.cards(of: listing).map(\.path))
    let card: DataCard?
    do throws(LayoutError) {
      card = try DataCard.read { name in
        guard cards.contains(name), let handle = try? FileHandle(forReadingFrom: folder.appending(path: name)),
          let bytes = try? handle.read(upToCount: DataCard.longest)
        else { return nil }
        return String(decoding: bytes, as: UTF8.self)
      }
    } catch {
      throw HubError("\(repository.title): \(error.problem)")
    }
    return try selection.files(of: listing, in: repository, card: card) { events(.note($0)) }
  }

  private func leftOut(_ files: [HubFile], of listing: HubListing) -> [HubFile] {
    let wanted = Set(files)
    return listing.files.filter { !wanted.contains($0) }
  }

  /// Fetches files that are not all in the cache.
  private func bring(
    _ files: [HubFile], of listing: HubListing, _ repository: HubRepository, _ cache: RepositoryCache,
    _ transport: Transport, _ events: @escaping @Sendable (HubEvent) -> Void
  ) async throws {
    let commit = listing.commit
    // Files of the same content are fetched once.
    let contents = Dictionary(grouping: files, by: \.hash)
    let blobs = files.filter { contents[$0.hash]?.first == $0 }
    let missing = blobs.reduce(0) { $0 + ($1.size - cache.count(of: $1)) }
    events(.planned(files: files, missingBytes: missing, leftOut: leftOut(files, of: listing)))
    try DiskSpace.require(missing, at: settings.cache)

    try cache.prepare(commit)
    try cache.keep(listing)
    let progress = TransferProgress(total: blobs.reduce(0) { $0 + $1.size }, events)
    try await withThrowingTaskGroup(of: Void.self) { group in
      var rest = blobs[...]
      func begin() {
        guard let file = rest.popFirst() else { return }
        group.addTask {
          let download = BlobDownload(
            file: file, commit: commit, repository: repository, cache: cache, transport: transport, patience: patience,
            progress: progress)
          try await download()
          for file in contents[file.hash] ?? [] { try cache.link(file, commit: commit) }
        }
      }
      for _ in 0..<Self.filesAtOnce { begin() }
      while try await group.next() != nil { begin() }
    }
  }
}
