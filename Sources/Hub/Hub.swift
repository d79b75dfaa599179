import AsyncHTTPClient
import Foundation
import ModelFiles
import NIOCore

/// The Hugging Face hub: fetches repositories into the cache that Python's huggingface_hub shares.
///
///     let hub = Hub(try HubSettings())
///     let snapshot = try await hub.download(HubRepository(.model, "owner/name"), selecting: .model)
///     print(snapshot.folder.path)
public struct Hub: Sendable {
  /// Where the hub and its cache are.
  public let settings: HubSettings
  private let pace: Pace
  private let events: @Sendable (HubEvent) -> Void
  private static let filesAtOnce = 8

  /// - Parameter events: is told what happens, from several threads but never from two at once about bytes.
  public init(_ settings: HubSettings, events: @escaping @Sendable (HubEvent) -> Void = { _ in }) {
    self.init(settings, pace: Pace(), events: events)
  }

  package init(_ settings: HubSettings, pace: Pace, events: @escaping @Sendable (HubEvent) -> Void = { _ in }) {
    self.settings = settings
    self.pace = pace
    self.events = events
  }

  /// Fetches what is wanted of a revision as the hub has it now, and is not in the cache yet. Offline, the cache answers.
  /// - Throws: `HubError`; `ModelFileError` where the disk has too little room.
  public func download(
    _ repository: HubRepository, revision: String = "main", selecting selection: HubSelection
  ) async throws -> HubSnapshot {
    try HubRevision.check(revision)
    let cache = RepositoryCache(repository, in: settings.cache)
    if settings.isOffline { return try found(repository, revision, selection, cache, reason: "HF_HUB_OFFLINE is set") }
    return try await HTTPClient.withHTTPClient(configuration: Transport.configuration(pace)) { client in
      let transport = Transport(client: client, settings: settings)
      let listing = try await listing(repository, revision, transport)
      return try await fetch(listing, repository, revision, selection, cache, transport)
    }
  }

  /// What is wanted of a revision as it was when it was last fetched, without asking the hub where all of that is in the
  /// cache; otherwise as `download`.
  /// - Throws: `HubError`; `ModelFileError` where the disk has too little room.
  public func snapshot(
    _ repository: HubRepository, revision: String = "main", selecting selection: HubSelection
  ) async throws -> HubSnapshot {
    try HubRevision.check(revision)
    let cache = RepositoryCache(repository, in: settings.cache)
    if let commit = cache.commit(of: revision), let listing = cache.listing(commit) {
      let files = try selection.files(of: listing, in: repository)
      if files.allSatisfy({ cache.snapshot(commit, has: $0) }) {
        return HubSnapshot(folder: cache.snapshot(commit), files: files)
      }
    }
    do {
      return try await download(repository, revision: revision, selecting: selection)
    } catch let error as HubError where error.isUnreachable {
      return try found(repository, revision, selection, cache, reason: error.description)
    }
  }

  /// The cache's answer where the hub cannot be asked.
  private func found(
    _ repository: HubRepository, _ revision: String, _ selection: HubSelection, _ cache: RepositoryCache, reason: String
  ) throws -> HubSnapshot {
    guard let commit = cache.commit(of: revision), let listing = cache.listing(commit) ?? cache.filesFound(commit)
    else {
      throw HubError("\(repository.title) is not in the cache (\(settings.cache.path)), and \(reason)")
    }
    let files = try selection.files(of: listing, in: repository)
    let missing = files.filter { !cache.snapshot(commit, has: $0) }
    guard missing.isEmpty else {
      throw HubError(
        "\(repository.title) is only partly in the cache: \(HubSelection.summary(of: missing)) missing, and \(reason)")
    }
    if cache.listing(commit) == nil {
      events(.note("\(repository.title): taking what is in the cache, which does not say whether that is all of it"))
    }
    return HubSnapshot(folder: cache.snapshot(commit), files: files)
  }

  private func listing(_ repository: HubRepository, _ revision: String, _ transport: Transport) async throws
    -> HubListing
  {
    let refusal = Refusal(repository: repository, revision: revision, settings: settings)
    var retries = Retries(pace)
    while true {
      do {
        let response = try await transport.get(
          repository.listingPath(revision), deadline: .now() + .minutes(5), refusal: refusal.callAsFunction)
        return try HubListing(answer: try await transport.json(response))
      } catch let failure as TransferFailure {
        let (reason, asked): (String, Duration?) =
          switch failure {
          case .interrupted(let reason, let asked): (reason, asked)
          case .damaged(let reason): (reason, nil)
          }
        let wait = try retries.wait(after: reason, asked: asked, subject: repository.title, isUnreachable: true)
        events(.note("\(repository.title): \(reason); asking again in \(max(1, wait.components.seconds)) s"))
        try await Task.sleep(for: wait)
      }
    }
  }

  private func fetch(
    _ listing: HubListing, _ repository: HubRepository, _ revision: String, _ selection: HubSelection,
    _ cache: RepositoryCache, _ transport: Transport
  ) async throws -> HubSnapshot {
    let commit = listing.commit
    let files = try selection.files(of: listing, in: repository)
    // Files of the same content are fetched once.
    let contents = Dictionary(grouping: files, by: \.hash)
    let blobs = files.filter { contents[$0.hash]?.first == $0 }
    let wanted = Set(files)
    let missing = blobs.reduce(0) { $0 + ($1.size - cache.count(of: $1)) }
    events(.planned(files: files, missingBytes: missing, leftOut: listing.files.filter { !wanted.contains($0) }))
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
            file: file, commit: commit, repository: repository, cache: cache, transport: transport, pace: pace,
            progress: progress)
          try await download()
          for file in contents[file.hash] ?? [] { try cache.link(file, commit: commit) }
        }
      }
      for _ in 0..<Self.filesAtOnce { begin() }
      while try await group.next() != nil { begin() }
    }
    // Last, so that a revision's name never leads to a snapshot that is not whole.
    try cache.setCommit(commit, of: revision)
    return HubSnapshot(folder: cache.snapshot(commit), files: files)
  }
}
