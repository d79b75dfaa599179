import Foundation
import Hub
import TestHub
import Testing

/// Downloads from a server that behaves.
@Suite struct DownloadTests {
  private let place: Scratch
  private let model: HubRepository

  init() throws { (place, model) = (try Scratch(), try HubRepository(.model, "o/n")) }

  static let weights = noise(300_000)
  static let repository = TestRepository(
    "o/n",
    files: [
      "config.json": Array("{}".utf8), "model.safetensors": weights, "sub/copy.bin": weights,
      "sub/é #1?.txt": Array("ä".utf8),
      "empty": [],
    ], largeFiles: ["model.safetensors", "sub/copy.bin"])

  private func serve() async throws -> TestHub { try await TestHub { Self.repository.answer($0) } }

  @Test func theCacheIsLaidOutAsPythonDoesIt() async throws {
    let server = try await serve()
    let snapshot = try await place.hub(server.address).download(model, selecting: .everything)
    let (commit, files) = (Self.repository.commit, Self.repository.files)
    let root = "models--o--n"
    let hashes =
      [TestRepository.hash(Self.weights)]
      + ["config.json", "sub/é #1?.txt", "empty"].map {
        TestRepository.gitHash(files[$0] ?? [])
      }
    #expect(snapshot.folder.path == place.url.path + "/\(root)/snapshots/\(commit)")
    #expect(snapshot.paths.count == 5 && snapshot.paths.allSatisfy(FileManager.default.fileExists))
    #expect(try place.files("\(root)/blobs") == hashes.sorted())
    #expect(try place.files("\(root)/snapshots/\(commit)") == files.keys.sorted())
    for (path, bytes) in files { #expect(place.bytes("\(root)/snapshots/\(commit)/\(path)") == bytes) }
    func target(_ path: String) throws -> String {
      try FileManager.default.destinationOfSymbolicLink(atPath: snapshot.folder.appending(path: path).path)
    }
    #expect(try target("config.json") == "../../blobs/\(TestRepository.gitHash(Array("{}".utf8)))")
    #expect(try target("sub/copy.bin") == "../../../blobs/\(hashes[0])")
    #expect(place.bytes("\(root)/refs/main") == Array(commit.utf8))
    #expect(try place.files("\(root)/trees") == ["\(commit).json"])
    // The same content is fetched once.
    let contents = server.requests.filter { !Self.repository.isListing($0) }
    #expect(contents.count == 3)
    #expect(contents.allSatisfy { $0["authorization"] == nil })
  }

  @Test func progressEndsWithTheWhole() async throws {
    _ = try await place.hub(serve().address).download(model, selecting: .model)
    let total = Self.weights.count + 2
    guard case .planned(let files, let missing, let leftOut) = place.events.first else {
      Issue.record("nothing planned")
      return
    }
    #expect(files.map(\.path) == ["config.json", "model.safetensors"] && missing == total)
    #expect(leftOut.map(\.path) == ["empty", "sub/copy.bin", "sub/é #1?.txt"])
    #expect(place.events.last == .progress(bytes: total, of: total))
    #expect(place.notes.isEmpty)
  }

  @Test func whatIsThereIsNotFetchedAgain() async throws {
    let server = try await serve()
    let hub = try place.hub(server.address)
    let first = try await hub.snapshot(model, selecting: .model)
    let asked = server.requests.count
    #expect(asked == 3)
    // From the cache the same comes without a question, also where no hub is.
    #expect(try await hub.snapshot(model, selecting: .model).paths == first.paths)
    #expect(try await place.hub("http://127.0.0.1:1").snapshot(model, selecting: .model).paths == first.paths)
    #expect(server.requests.count == asked)
    // A download asks what is new, and fetches what is missing.
    _ = try await hub.download(model, selecting: .matching(["model*", "empty"]))
    #expect(server.requests.dropFirst(asked).map(\.path) == ["/api/models/o/n/revision/main?blobs=true"])
    // A file that somebody took away comes back.
    let blob = "models--o--n/blobs/" + TestRepository.hash(Self.weights)
    try FileManager.default.removeItem(at: place.url.appending(path: blob))
    #expect(try await hub.snapshot(model, selecting: .model).paths == first.paths)
    #expect(place.bytes(blob) == Self.weights)
  }

  @Test func offlineTheCacheAnswers() async throws {
    let server = try await serve()
    let offline = try place.hub(server.address, ["HF_HUB_OFFLINE": "1"])
    let missing = "model o/n is not in the cache (\(place.url.path)), and HF_HUB_OFFLINE is set"
    #expect(await message { try await offline.snapshot(model, selecting: .model) } == missing)
    #expect(await message { try await offline.download(model, selecting: .model) } == missing)
    #expect(server.requests.isEmpty)

    let snapshot = try await place.hub(server.address).download(model, selecting: .model)
    let asked = server.requests.count
    #expect(try await offline.snapshot(model, selecting: .model).paths == snapshot.paths)
    #expect(try await offline.download(model, selecting: .model).paths == snapshot.paths)
    #expect(
      try await offline.download(model, revision: Self.repository.commit, selecting: .model).paths == snapshot.paths)
    #expect(
      await message { try await offline.snapshot(model, selecting: .everything) }
        == "model o/n is only partly in the cache: empty, sub/copy.bin, sub/é #1?.txt missing, and HF_HUB_OFFLINE is set"
    )
    #expect(server.requests.count == asked)
  }

  @Test func aCacheWithoutListingsIsUsedWhereNoHubAnswers() async throws {
    let snapshot = try await place.hub(serve().address).download(model, selecting: .model)
    try FileManager.default.removeItem(at: place.url.appending(path: "models--o--n/trees"))
    var patience = Patience.hasty
    patience.attempts = 2
    let alone = try place.hub("http://127.0.0.1:1", patience: patience)
    #expect(try await alone.snapshot(model, selecting: .model).paths == snapshot.paths)
    #expect(place.notes.last == "model o/n: using what is in the cache, which may not be all of it")
    // Whoever asks for news is told that there are none to be had.
    let news = await message { try await alone.download(model, selecting: .model) }
    #expect(news == "model o/n: 127.0.0.1:1 cannot be reached, 2 times; try again later")
  }

  @Test func revisionsAndDataSets() async throws {
    let data = TestRepository("o/n", isDataset: true, files: ["data/train-00000-of-00001.jsonl": Array("{}\n".utf8)])
    let server = try await TestHub { data.answer($0) }
    let hub = try place.hub(server.address)
    let repository = try HubRepository(.dataset, "o/n")
    let snapshot = try await hub.snapshot(repository, selecting: .split("train", configuration: nil))
    #expect(
      snapshot.paths == [place.url.path + "/datasets--o--n/snapshots/\(data.commit)/data/train-00000-of-00001.jsonl"])
    #expect(
      server.requests.map(\.path) == [
        "/api/datasets/o/n/revision/main?blobs=true",
        "/datasets/o/n/resolve/\(data.commit)/data/train-00000-of-00001.jsonl",
      ])
    #expect(
      await message { try await hub.download(repository, revision: "refs/pr/1", selecting: .everything) }
        == "data set o/n has no revision 'refs/pr/1'; \(server.address)/datasets/o/n lists its branches and tags")
    #expect(server.requests.last?.path == "/api/datasets/o/n/revision/refs%2Fpr%2F1?blobs=true")
  }

  @Test func theCardTellsWhichFilesAreASplit() async throws {
    let card = """
      ---
      configs:
      - config_name: one
        data_files: [{split: train, path: "a*"}, {split: test, path: b.jsonl}]
      - config_name: two
        data_dir: more
      ---
      """
    let data = TestRepository(
      "o/n", isDataset: true,
      files: [
        "README.md": Array(card.utf8), "a1.jsonl": [1], "a2.jsonl": [2], "b.jsonl": [3], "more/c.jsonl": [4],
        "dataset_infos.json": [5],
      ])
    let server = try await TestHub { data.answer($0) }
    let hub = try place.hub(server.address)
    let repository = try HubRepository(.dataset, "o/n")
    func taken(_ split: String, _ configuration: String?) async throws -> [String] {
      try await hub.snapshot(repository, selecting: .split(split, configuration: configuration)).files.map(\.path)
    }
    #expect(try await taken("train", "one") == ["a1.jsonl", "a2.jsonl"])
    #expect(try await taken("train", "two") == ["more/c.jsonl"])
    #expect(
      await message { try await taken("train", nil) }
        == "data set o/n: has several configurations; name one: o/n/one, o/n/two")
    // The card is there by now, so that nobody is asked for what has come before.
    let asked = server.requests.count
    #expect(try await taken("train", "one") == ["a1.jsonl", "a2.jsonl"])
    #expect(server.requests.count == asked)
    let offline = try place.hub(server.address, ["HF_HUB_OFFLINE": "1"])
    #expect(
      await message { try await offline.snapshot(repository, selecting: .split("test", configuration: "one")) }
        == "data set o/n is only partly in the cache: b.jsonl missing, and HF_HUB_OFFLINE is set")
  }

  /// As when the cache lies on a read-only disk: a folder that a user may not write is enough.
  @Test(.enabled(if: getuid() != 0)) func aWarmCacheNeedsNoWriting() async throws {
    let server = try await serve()
    let hub = try place.hub(server.address)
    let paths = try await hub.download(model, selecting: .model).paths
    func setWritable(_ isWritable: Bool) throws {
      for folder in ["", "models--o--n", "models--o--n/trees", "models--o--n/refs", "models--o--n/blobs", ".locks"] {
        try FileManager.default.setAttributes(
          [.posixPermissions: isWritable ? 0o755 : 0o555], ofItemAtPath: place.url.appending(path: folder).path)
      }
    }
    try setWritable(false)
    defer { try? setWritable(true) }
    #expect(try await hub.snapshot(model, selecting: .model).paths == paths)
    #expect(try await hub.download(model, selecting: .model).paths == paths)
    #expect(place.notes.isEmpty)
  }

  @Test func theTokenOpensWhatIsPrivate() async throws {
    let server = try await TestHub { request in
      request["authorization"] == "Bearer hf_secret" ? Self.repository.answer(request) : Answer(401)
    }
    let text = await message { try await place.hub(server.address).download(model, selecting: .model) }
    #expect(
      text
        == "\(server.address.dropFirst(7)) has no public model o/n; check the name ('dataset' fetches data sets; a private one needs HF_TOKEN)"
    )
    _ = try await place.hub(server.address, ["HF_TOKEN": " hf_secret\n"]).download(model, selecting: .model)
    try place.folder.write("home/token", Array("hf_secret\n".utf8))
    _ = try await place.hub(server.address).download(model, selecting: .model)
    let wrong = await message {
      try await place.hub(server.address, ["HF_TOKEN": "hf_wrong"]).download(model, selecting: .model)
    }
    #expect(
      wrong
        == "\(server.address.dropFirst(7)) does not accept your token; \(server.address)/settings/tokens makes new ones (HF_TOKEN)"
    )
  }

  /// Several at once fetch each content once: whoever comes second waits.
  @Test func twoAtOnceDoNotDisturbEachOther() async throws {
    let server = try await serve()
    let hubs = try (0..<3).map { _ in try place.hub(server.address) }
    let model = model
    let paths = try await withThrowingTaskGroup(of: [String].self) { group in
      for hub in hubs { group.addTask { try await hub.download(model, selecting: .everything).paths } }
      return try await group.reduce(into: []) { $0.append($1) }
    }
    #expect(Set(paths).count == 1)
    #expect(server.requests.filter { !Self.repository.isListing($0) }.count == 3)
    for (path, bytes) in Self.repository.files {
      #expect(place.bytes("models--o--n/snapshots/\(Self.repository.commit)/\(path)") == bytes)
    }
    #expect(try !place.files().contains { $0.contains("incomplete") || $0.contains("partial") })
  }

  @Test func manyFilesComeAtOnce() async throws {
    let files = Dictionary(uniqueKeysWithValues: (0..<60).map { ("f\($0).bin", noise(20_000, seed: UInt64($0))) })
    let repository = TestRepository("o/n", files: files, largeFiles: Set(files.keys))
    let server = try await TestHub { repository.answer($0) }
    let snapshot = try await place.hub(server.address).download(model, selecting: .everything)
    #expect(snapshot.paths.count == 60)
    for file in snapshot.files {
      #expect(place.bytes("models--o--n/snapshots/\(repository.commit)/\(file.path)") == files[file.path])
    }
  }
}
