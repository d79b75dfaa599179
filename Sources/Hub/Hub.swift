import Foundation
import JSON
import ModelFiles

/// The Hugging Face hub: fetches repositories into the cache that Python's huggingface_hub shares, and uploads folders.
///
///     let hub = Hub(try HubSettings())
///     let snapshot = try await hub.download(HubRepository(.model, "owner/name"), selecting: .model)
///     print(snapshot.folder.path)
public struct Hub: Sendable {
  /// Where the hub and its cache are.
  public let settings: HubSettings
  let patience: Patience
  let events: @Sendable (HubEvent) -> Void

  /// - Parameter events: is told what happens, from several threads but never from two at once about bytes.
  public init(_ settings: HubSettings, events: @escaping @Sendable (HubEvent) -> Void = { _ in }) {
    self.init(settings, patience: Patience(), events: events)
  }

  package init(_ settings: HubSettings, patience: Patience, events: @escaping @Sendable (HubEvent) -> Void = { _ in }) {
    self.settings = settings
    self.patience = patience
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
    let transport = Transport(connections: try Connections(settings, patience), settings: settings)
    let listing = try await listing(repository, revision, transport)
    return try await fetch(listing, repository, revision, selection, cache, transport)
  }

  /// What is wanted of a revision as it was when it was last fetched, without asking the hub where all of that is in the
  /// cache; otherwise as `download`.
  /// - Throws: `HubError`; `ModelFileError` where the disk has too little room.
  public func snapshot(
    _ repository: HubRepository, revision: String = "main", selecting selection: HubSelection
  ) async throws -> HubSnapshot {
    try HubRevision.check(revision)
    let cache = RepositoryCache(repository, in: settings.cache)
    if let commit = cache.commit(of: revision), let listing = cache.listing(commit),
      selection.cards(of: listing).allSatisfy({ cache.snapshot(commit, has: $0) })
    {
      let files = try files(selection, of: listing, repository, cache)
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
    func require(_ files: [HubFile]) throws {
      let missing = files.filter { !cache.snapshot(commit, has: $0) }
      guard missing.isEmpty else {
        throw HubError(
          "\(repository.title) is only partly in the cache: \(HubSelection.summary(of: missing)) missing, and \(reason)"
        )
      }
    }
    try require(selection.cards(of: listing))
    let files = try files(selection, of: listing, repository, cache)
    try require(files)
    if cache.listing(commit) == nil {
      events(.note("\(repository.title): using what is in the cache, which may not be all of it"))
    }
    return HubSnapshot(folder: cache.snapshot(commit), files: files)
  }

  private func listing(_ repository: HubRepository, _ revision: String, _ transport: Transport) async throws
    -> HubListing
  {
    let listing = try HubListing(answer: try await listingAnswer(repository, revision, transport))
    guard !HubRevision.isCommit(revision) || listing.commit == revision else {
      throw HubError("the hub was asked for commit \(revision) of the \(repository.title) and gave \(listing.commit)")
    }
    return listing
  }

  /// What the hub says of a revision.
  func listingAnswer(_ repository: HubRepository, _ revision: String, _ transport: Transport) async throws -> JSON {
    let refusal = Refusal(repository: repository, revision: revision, settings: settings)
    return try await repeating(repository.title) {
      let response = try await transport.get(
        repository.listingPath(revision), longest: .seconds(300), refusal: refusal.callAsFunction)
      return try await transport.json(response)
    }
  }

  func tell(_ event: HubEvent) { events(event) }
  func note(_ text: String) { events(.note(text)) }

  /// Asks the hub something until there is an answer, and for as long as patience lasts.
  /// - Parameter subject: what it is about, for messages.
  func repeating<Answer>(_ subject: String, _ ask: () async throws -> Answer) async throws -> Answer {
    var retries = Retries(patience)
    while true {
      do {
        return try await ask()
      } catch let failure as TransferFailure {
        let wait = try retries.wait(after: failure, subject: subject, isUnreachable: true)
        events(.note("\(subject): \(failure.reason); asking again in \(max(1, wait.components.seconds)) s"))
        try await Task.sleep(for: wait)
      }
    }
  }
}
