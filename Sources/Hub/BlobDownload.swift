/// Brings one content into the cache.
struct BlobDownload {
  let file: HubFile
  let commit: String
  let repository: HubRepository
  let cache: RepositoryCache
  let transport: Transport
  let patience: Patience
  let progress: TransferProgress

  /// Less than this is no progress that makes earlier failures forgotten.
  private static let progressWorthCounting = 1 << 20

  /// Fetches the content, or what is missing of it; returns when it is in its place, whole.
  /// - Throws: `HubError`.
  func callAsFunction() async throws {
    let name = plainLine(file.path)
    let lock = try await BlobLock.wait(cache.lock(file)) {
      progress.note("\(name): another process is fetching it; waiting")
    }
    defer { withExtendedLifetime(lock) {} }
    guard !cache.holds(file) else { return progress.add(file.size) }

    let blob = cache.blob(file)
    let partial = try PartialBlob(file, blob: blob)
    progress.add(partial.count)
    var retries = Retries(patience)
    var wasDamaged = false
    while true {
      let start = partial.count
      do {
        if partial.count < file.size { try await transfer(to: partial) }
        return try partial.finish(at: blob)
      } catch TransferFailure.damaged(let reason) {
        progress.add(-partial.count)
        try partial.restart()
        guard !wasDamaged else {
          throw HubError("\(name): \(reason), twice; the part that was fetched is deleted; try again later")
        }
        wasDamaged = true
        progress.note("\(name): \(reason); fetching it anew")
      } catch let failure as TransferFailure {
        if partial.count - start >= Self.progressWorthCounting { retries.reset() }
        let wait = try retries.wait(after: failure, subject: name, isUnreachable: false)
        progress.note("\(name): \(failure.reason); continuing in \(max(1, wait.components.seconds)) s")
        try await Task.sleep(for: wait)
      }
    }
  }

  /// One attempt at the rest of the content.
  private func transfer(to partial: PartialBlob) async throws {
    let path = repository.filePath(file.path, commit: commit)
    let refusal = Refusal(repository: repository, revision: commit, settings: transport.settings)
    let response = try await transport.get(path, from: partial.count, refusal: refusal.callAsFunction)
    if partial.count > 0, response.status == 206 {
      let range = response.headers["content-range"] ?? ""
      guard range.hasPrefix("bytes \(partial.count)-") else {
        throw TransferFailure.damaged("another part came than was asked for")
      }
    } else if partial.count > 0 {
      // The whole, though only the rest was asked for.
      progress.add(-partial.count)
      try partial.restart()
    }
    if let length = response.headers["content-length"], Int(length) != file.size - partial.count {
      throw TransferFailure.damaged("\(plainLine(length)) bytes are announced instead of \(file.size - partial.count)")
    }
    try await transport.interruptible(transport.settings.endpoint) {
      for try await part in response.body {
        try part.withUnsafeBytes { try partial.append($0) }
        progress.add(part.count)
      }
    }
    guard partial.count == file.size else {
      throw TransferFailure.interrupted("the connection ended \(file.size - partial.count) bytes early")
    }
  }
}
