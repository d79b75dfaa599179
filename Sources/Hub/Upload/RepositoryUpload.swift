import Foundation
import JSON

/// Files on their way into a repository: how each is to be sent, the large ones' contents, and the commit.
struct RepositoryUpload {
  let hub: Hub
  let transport: Transport
  let repository: HubRepository
  /// The commit that the new one follows.
  let base: String

  /// The hub takes no more files in one question.
  private static let batch = 256
  private static let filesAtOnce = 4
  /// Larger files are never part of the commit's own text.
  private static let largestPlain = 10 << 20
  /// What the files that are may come to.
  private static let mostPlain = 256 << 20

  private var api: String { "api/\(repository.kind.rawValue)s/\(repository.name)" }
  private var refusal: UploadRefusal { UploadRefusal(repository: repository, settings: hub.settings) }

  /// Sends files.
  /// - Returns: the commit; nil where the repository wants none of them.
  func send(_ files: [LocalFile]) async throws -> String? {
    var (plain, large): ([LocalFile], [LocalFile]) = ([], [])
    for start in stride(from: 0, to: files.count, by: Self.batch) {
      let part = Array(files[start..<min(start + Self.batch, files.count)])
      for (file, mode) in zip(part, try await modes(of: part)) {
        switch mode {
        case .ignored: hub.note("\(plainLine(file.path)): left out, as the repository's .gitignore says")
        // The storage takes no empty file.
        case .plain where file.size <= Self.largestPlain, .large where file.size == 0: plain.append(file)
        case .plain, .large: large.append(file)
        }
      }
    }
    guard plain.count + large.count > 0 else { return nil }
    guard plain.reduce(0, { $0 + $1.size }) <= Self.mostPlain else {
      throw HubError(
        "the \(plain.count) small files come to more than \(Self.mostPlain >> 20) MiB, too much for one commit; upload some of them at a time"
      )
    }
    let total = (plain + large).reduce(0) { $0 + $1.size }
    let progress = TransferProgress(total: total) { hub.tell($0) }
    let hashes = try await sendContents(of: large, progress)
    return try await commit(plain, Array(zip(large, hashes)), progress)
  }

  // MARK: How files are sent

  private enum Mode { case plain, large, ignored }

  /// Asks the hub how it wants files.
  private func modes(of files: [LocalFile]) async throws -> [Mode] {
    let request: JSON = [
      "files": .array(
        try files.map { file in
          let sample = try file.open().read(upToCount: 512) ?? Data()
          return [
            "path": .string(file.path), "sample": .string(sample.base64EncodedString()), "size": .integer(file.size),
          ]
        })
    ]
    let answer = try await hub.repeating(repository.title) {
      try await transport.post(request, to: "\(api)/preupload/main", refusal: refusal.callAsFunction)
    }
    var modes: TextKeyed<Mode> = [:]
    for file in answer["files"]?.array ?? [] {
      guard let path = file["path"]?.string else { continue }
      switch file["uploadMode"]?.string {
      case _ where file["shouldIgnore"]?.bool == true: modes[path] = .ignored
      case "regular": modes[path] = .plain
      case "lfs": modes[path] = .large
      default: break
      }
    }
    return try files.map { file in
      guard let mode = modes[file.path] else {
        throw HubError(
          "the hub does not say how it wants '\(plainLine(file.path))'; is HF_ENDPOINT the address of a hub?")
      }
      return mode
    }
  }

  // MARK: Large files

  /// Sends the contents of large files, some at once.
  /// - Returns: their SHA-256, in their order.
  private func sendContents(of files: [LocalFile], _ progress: TransferProgress) async throws -> [String] {
    try await withThrowingTaskGroup(of: (Int, String).self) { group in
      var hashes = [String](repeating: "", count: files.count)
      var next = 0
      func begin() {
        guard next < files.count else { return }
        let (number, file) = (next, files[next])
        next += 1
        group.addTask {
          let upload = LargeFileUpload(
            file: file, hash: try file.hash(like: .sha256("")), repository: repository, transport: transport,
            refusal: refusal, patience: hub.patience, progress: progress)
          try await upload()
          return (number, upload.hash)
        }
      }
      for _ in 0..<Self.filesAtOnce { begin() }
      while let (number, hash) = try await group.next() {
        hashes[number] = hash
        begin()
      }
      return hashes
    }
  }

  // MARK: The commit

  /// Makes one commit of small files' contents and large files' hashes.
  private func commit(_ plain: [LocalFile], _ large: [(LocalFile, String)], _ progress: TransferProgress) async throws
    -> String
  {
    let count = plain.count + large.count
    let summary = "Upload \(count == 1 ? plainLine((plain + large.map(\.0))[0].path) : "\(count) files") with Caravan"
    var lines: [JSON] = [
      ["key": "header", "value": ["summary": .string(summary), "description": "", "parentCommit": .string(base)]]
    ]
    var expected: [(path: String, hash: PublishedHash)] = large.map { ($0.path, .sha256($1)) }
    for file in plain {
      let handle = try file.open()
      let bytes = try handle.readToEnd() ?? Data()
      try file.check(handle)
      let hasher = ContentHasher(like: .gitBlob(""), size: bytes.count)
      bytes.withUnsafeBytes { hasher.update($0) }
      expected.append((file.path, .gitBlob(hasher.finalize())))
      lines.append([
        "key": "file",
        "value": [
          "content": .string(bytes.base64EncodedString()), "path": .string(file.path), "encoding": "base64",
        ],
      ])
    }
    for (file, hash) in large {
      lines.append([
        "key": "lfsFile",
        "value": [
          "path": .string(file.path), "algo": "sha256", "oid": .string(hash), "size": .integer(file.size),
        ],
      ])
    }
    let body = Array(lines.map { $0.text + "\n" }.joined().utf8)
    var retries = Retries(hub.patience)
    while true {
      do {
        let response = try await transport.send(
          .init(method: "POST", body: .bytes(body)), to: "\(hub.settings.endpoint)/\(api)/commit/main",
          type: "application/x-ndjson", silence: hub.patience.work, refusal: refusal.callAsFunction)
        let answer = try await transport.json(response)
        guard let commit = answer["commitOid"]?.string, HubRevision.isCommit(commit) else {
          throw HubError(
            "the hub does not say which commit it made; look at \(hub.settings.endpoint)/\(repository.page)")
        }
        progress.add(plain.reduce(0) { $0 + $1.size })
        return commit
      } catch let failure as TransferFailure {
        let wait = try retries.wait(after: failure, subject: "the commit", isUnreachable: false)
        hub.note("the commit: \(failure.reason); looking in \(max(1, wait.components.seconds)) s whether it was made")
        try await Task.sleep(for: wait)
        // The answer may have been lost, and not the commit.
        if let commit = try await made(expected) { return commit }
      }
    }
  }

  /// The newest commit, where it has all that was sent; nil where the repository is as it was.
  /// - Throws: `HubError` where somebody else has changed it.
  private func made(_ expected: [(path: String, hash: PublishedHash)]) async throws -> String? {
    guard let state = try await hub.state(repository, transport), state.listing.commit != base else { return nil }
    let there = TextKeyed(state.listing.files.map { ($0.path, $0.hash) })
    guard expected.allSatisfy({ there[$0.path] == $0.hash }) else {
      throw HubError(
        "\(repository.title) was changed while files were uploaded; upload again to compare with what it has now")
    }
    return state.listing.commit
  }
}
