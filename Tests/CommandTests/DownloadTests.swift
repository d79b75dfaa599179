import Foundation
import Synchronization
import TestHub
import Testing

/// `caravan download`, and commands that are given names of the hub.
@Suite struct DownloadTests {
  private let place: Workplace

  init() throws { place = try Workplace() }

  /// The tests' model and pairs, as a hub has them.
  private func serve() async throws -> TestHub {
    let model = try Self.modelRepository()
    let data = TestRepository(
      "owner/data", isDataset: true, files: ["train.jsonl": try Self.bytes(Workplace.pairs), "README.md": [35, 10]])
    return try await TestHub { request in
      request.path.contains("datasets/") ? data.answer(request) : model.answer(request)
    }
  }

  private static func modelRepository() throws -> TestRepository {
    var files: [String: [UInt8]] = ["pytorch_model.bin": [1, 2, 3]]
    for name in try FileManager.default.contentsOfDirectory(atPath: Workplace.model) {
      files[name] = try bytes(Workplace.model + "/" + name)
    }
    return TestRepository("owner/model", files: files, largeFiles: ["model.safetensors"])
  }

  private static func bytes(_ path: String) throws -> [UInt8] { Array(try Data(contentsOf: URL(filePath: path))) }

  private func environment(_ server: TestHub?, offline: Bool = false) -> [String: String] {
    [
      "HF_ENDPOINT": server?.address ?? "http://127.0.0.1:1", "HF_HOME": place.url("hf").path,
      "HF_HUB_OFFLINE": offline ? "1" : "0", "HF_HUB_CACHE": "", "HF_TOKEN": "", "XDG_CACHE_HOME": "",
    ]
  }

  @Test func aModelAndItsDataGoByTheirNames() async throws {
    let server = try await serve()
    let download = try place.run(["download", "owner/model"], environment: environment(server)).succeeded()
    let folder = download.output.split(separator: "\n").first.map(String.init) ?? ""
    #expect(
      download.output == folder + "\n" && folder.hasPrefix(place.url("hf/hub/models--owner--model/snapshots").path))
    #expect(download.errors.contains("left out: 1 files (pytorch_model.bin); "))
    let last = download.errors.split(separator: "\n").last
    #expect(last?.hasPrefix("downloading  ") == true && last?.contains(" kB/s  in ") == true, "\(download)")

    // The same as from paths, and offline, since everything has come.
    func preview(_ model: String, _ data: String, offline: Bool) throws -> Outcome {
      try place.run(
        ["data", "preview", "--model", model, "--data", data, "--count", "2"],
        environment: environment(server, offline: offline)
      ).succeeded()
    }
    func shown(_ outcome: Outcome) -> [Substring] { outcome.output.split(separator: "\n").filter { $0.hasPrefix(" ") } }
    let named = try preview("owner/model", "owner/data:train", offline: false)
    #expect(try shown(named) == shown(preview(Workplace.model, Workplace.pairs, offline: true)))
    let asked = server.requests.count
    #expect(try preview("owner/model", "owner/data:train", offline: true).output == named.output)
    #expect(try preview("owner/model", "owner/data:train", offline: false).output == named.output)
    #expect(server.requests.count == asked)

    let generate = ["generate", "--max-tokens", "3", "--threads", "1", "Hello."]
    #expect(
      try place.run(generate + ["--model", "owner/model"], environment: environment(nil, offline: true)).succeeded()
        .output
        == place.run(generate + ["--model", Workplace.model]).succeeded().output)
  }

  @Test func aTrainedModelNamesItsBase() async throws {
    let server = try await serve()
    try place.run(
      [
        "dpo", "--model", "owner/model", "--reference", "owner/model", "--data", "owner/data:train", "--output", "run",
        "--threads", "1", "--max-steps", "1",
      ], environment: environment(server)
    ).succeeded()
    let card = try place.text("run/README.md")
    #expect(card.contains("base_model: owner/model\n") && card.contains("datasets:\n- owner/data\n"), "\(card)")
    #expect(try place.text("run/config.yaml").contains("model: owner/model\n"))
  }

  @Test func aRevisionIsPartOfAName() async throws {
    let server = try await serve()
    let commit = String(repeating: "c", count: 40)
    let here = "0123456789abcdef0123456789abcdef01234567"
    for (model, data) in [
      ("owner/model@main", "owner/data@main:train"), ("owner/model@\(here)", "owner/data@\(here):train"),
    ] {
      try place.run(
        ["data", "preview", "--model", model, "--data", data, "--count", "1"], environment: environment(server)
      ).succeeded()
    }
    #expect(server.requests.contains { $0.path.hasPrefix("/api/models/owner/model/revision/main") })
    let outcome = try place.run(
      ["data", "preview", "--model", "owner/model@\(commit)", "--data", Workplace.pairs],
      environment: environment(server))
    #expect(outcome.status == 1 && outcome.error?.contains(commit) == true, "\(outcome)")
    #expect(server.requests.contains { $0.path.hasPrefix("/api/models/owner/model/revision/\(commit)") })
    try place.run(
      ["data", "preview", "--model", "owner/model@a..b@", "--data", Workplace.pairs], environment: environment(server)
    ).failed(
      1,
      "owner/model@a..b@: no such file or folder here; 'a..b@' is not a revision; name a branch, a tag or a commit, such as main"
    )
  }

  /// An adapter's base is fetched at the revision that the adapter names, from a hub that breaks off, and never at another.
  @Test func anAdaptersBaseIsFetchedAtItsRevision() async throws {
    let commit = "0123456789abcdef0123456789abcdef01234567"
    let honest = try await serve()
    try place.run(
      Workplace.sft.replacing([Workplace.model], with: ["owner/model@\(commit)"]) + [
        "--output", "adapter", "--lora-rank", "2", "--max-steps", "1",
      ], environment: environment(honest)
    ).succeeded()
    let file = "adapter/adapter_config.json"
    let config = try place.text(file)
    #expect(config.contains(#""revision": "\#(commit)""#) && config.contains(#""owner/model""#), "\(config)")
    try FileManager.default.removeItem(at: place.url("hf"))

    // The first answers of all kinds are no use: the listing's and the weights'.
    let asked = Mutex<[String: Int]>([:])
    let repository = try Self.modelRepository()
    let breaking = try await TestHub { request in
      let count = asked.withLock { counts in
        counts[request.path, default: 0] += 1
        return counts[request.path] ?? 0
      }
      let answer = repository.answer(request)
      if count > 1 { return answer }
      return repository.isListing(request) ? Answer(503, headers: ["retry-after": "1"]) : answer.cut(after: 100)
    }
    let generate = ["generate", "--max-tokens", "3", "--threads", "1", "Hello."]
    let found = try place.run(generate + ["--model", "adapter"], environment: environment(breaking)).succeeded()
    #expect(
      try found.output
        == place.run(generate + ["--model", Workplace.model, "--adapter", "adapter"]).succeeded().output)
    let listings = breaking.requests.map(\.path).filter { $0.contains("/revision/") }
    #expect(listings.count > 1 && listings.allSatisfy { $0.contains("/revision/\(commit)") }, "\(listings)")

    // A hub that gives another commit than the one that was asked for, and one that has no such revision.
    let other = String(repeating: "c", count: 40)
    let lying = try await TestHub { request in
      repository.isListing(request) ? Answer(200, text: repository.listing.text) : repository.answer(request)
    }
    for (revision, server, problem) in [
      (other, lying, "the hub was asked for commit \(other) of the model owner/model and gave \(commit)"),
      ("v1", honest, "v1"),
    ] {
      try place.write(file, config.replacing(commit, with: revision))
      let outcome = try place.run(generate + ["--model", "adapter"], environment: environment(server))
      let error = try #require(outcome.error)
      #expect(outcome.status == 1 && error.contains("is a LoRA adapter of 'owner/model' at revision '\(revision)'"))
      #expect(
        error.contains(problem) && error.hasSuffix("name the base as the model, and this folder as its adapter"),
        "\(error)")
    }
  }

  @Test func whatIsHereIsNotAskedFor() async throws {
    let server = try await serve()
    try place.write("owner/data", "x")
    try place.copyModel("owner-model")
    try FileManager.default.createDirectory(at: place.url("o"), withIntermediateDirectories: true)
    try FileManager.default.moveItem(at: place.url("owner-model"), to: place.url("o/model"))
    try place.run(
      ["data", "preview", "--model", "o/model", "--data", Workplace.pairs], environment: environment(server)
    ).succeeded()
    #expect(server.requests.isEmpty)
  }

  @Test func namesThatNobodyHas() async throws {
    let server = try await serve()
    let host = server.address.dropFirst("http://".count)
    func preview(_ model: String, _ data: String = Workplace.pairs, offline: Bool = false) throws -> Outcome {
      try place.run(
        ["data", "preview", "--model", model, "--data", data], environment: environment(server, offline: offline))
    }
    try preview("runs/sft").failed(
      1,
      "runs/sft: no such file or folder here; \(host) has no public model runs/sft; check the name (--dataset fetches data sets; a private one needs HF_TOKEN)"
    )
    try preview("runs/sft", offline: true).failed(
      1,
      "runs/sft: no such file or folder here; model runs/sft is not in the cache (\(place.url("hf/hub").path)), and HF_HUB_OFFLINE is set"
    )
    let asked = server.requests.count
    try preview("a/b/c").failed(1, "\(place.url("a/b/c").path): there is no such folder")
    try preview(Workplace.model, "data/pairs").failed(
      1, "data/pairs: no such file or folder (name a split on the hub with it: data/pairs:train)")
    try preview(Workplace.model, "data/x/y").failed(1, "data/x/y: no such file or folder")
    try preview(Workplace.model, "pairs:train").failed(1, "pairs:train: no such file or folder")
    #expect(server.requests.count == asked)
    #expect(!FileManager.default.fileExists(atPath: place.url("hf").path))
    // The card has to be read to know.
    try preview(Workplace.model, "owner/data:test").failed(
      1,
      "owner/data:test: no such file or folder here; data set owner/data: there is no split 'test'; there are owner/data:train"
    )
    #expect(server.requests.suffix(2).map { $0.path.hasSuffix("/README.md") } == [false, true])
  }

  @Test func wrongUsage() throws {
    func download(_ arguments: String...) throws -> Outcome { try place.run(["download"] + arguments) }
    try download().failed(64, "Missing expected argument '<owner/name>'")
    try download("gpt2").failed(
      64, "'gpt2' is not a name on the hub; write OWNER/NAME, with letters, digits, '-', '_' and '.'")
    try download("a/b@main", "--revision", "main").failed(
      64, "'a/b@main' and --revision both name a revision; give one of them")
    try download("a/b@../x").failed(64, "'../x' is not a revision; name a branch, a tag or a commit, such as main")
    try download("a/b", "--revision", "../x").failed(
      64, "'../x' is not a revision; name a branch, a tag or a commit, such as main")
    try place.run(["download", "a/b"], environment: ["HF_ENDPOINT": "nowhere"]).failed(
      1, "HF_ENDPOINT is 'nowhere', which is not an address such as https://huggingface.co")
  }
}
