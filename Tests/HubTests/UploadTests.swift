import Foundation
import Hub
import TestHub
import Testing

/// Uploads to a hub in the tests, one that behaves and one that does not.
@Suite struct UploadTests {
  private let place: Scratch
  private let model: HubRepository
  private static let weights = noise(250_000)

  init() throws {
    (place, model) = (try Scratch(), try HubRepository(.model, "o/n"))
    try place.folder.write("model/model.safetensors", Self.weights)
    try place.folder.write("model/config.json", "{}")
    try place.folder.write("model/README.md", "# n\n")
    try place.folder.write("model/empty.txt", "")
  }

  private var folder: URL { place.url.appending(path: "model") }

  /// A server whose `spoiled` answers for the nth request whose path has `part` in it; nil is the honest answer.
  private func serve(
    _ hub: UploadHub, _ part: String = "nothing",
    _ spoiled: @escaping @Sendable (_ number: Int, _ honest: () -> Answer) -> Answer? = { _, _ in nil }
  ) async throws -> TestHub {
    let counter = Counter()
    return try await TestHub { request in
      guard request.path.contains(part) else { return hub.answer(request) }
      return spoiled(counter.next()) { hub.answer(request) } ?? hub.answer(request)
    }
  }

  private func hub(_ server: TestHub, token: String = "hf_write", patience: Patience = .hasty) throws -> Hub {
    try place.hub(server.address, patience: patience, ["HF_TOKEN": token])
  }

  @discardableResult
  private func upload(_ server: TestHub, isPublic: Bool = false, matching patterns: [String] = []) async throws
    -> String?
  {
    let hub = try hub(server)
    return try await hub.upload(
      try await hub.uploadPlan(folder, to: model, matching: patterns), isPublic: isPublic)
  }

  private func expectWhole(_ hub: UploadHub, _ location: SourceLocation = #_sourceLocation) {
    let files = hub.state.files
    #expect(files?["model.safetensors"] == Self.weights, sourceLocation: location)
    #expect(files?["config.json"] == Array("{}".utf8) && files?["empty.txt"] == [], sourceLocation: location)
    #expect(hub.state.commits == 2, sourceLocation: location)
  }

  // MARK: A hub that behaves

  @Test func aFolderBecomesAPrivateRepositoryInOneCommit() async throws {
    let there = UploadHub("o/n")
    let server = try await serve(there)
    let plan = try await hub(server).uploadPlan(folder, to: model)
    #expect(
      plan.isPublic == nil && plan.files.map(\.path) == ["README.md", "config.json", "empty.txt", "model.safetensors"])
    #expect(plan.files.allSatisfy { $0.change == .new } && plan.byteCount == 250_006)
    #expect(server.requests.map(\.method) == ["GET"])
    #expect(try await upload(server) == "\(server.address)/o/n/commit/\(UploadHub.commit(2))")
    expectWhole(there)
    #expect(there.state.isPrivate)
    #expect(server.requests.allSatisfy { $0["authorization"] == "Bearer hf_write" })
    #expect(server.requests.count { $0.path.hasPrefix("/part/") } == 3)

    // Nothing has changed; then one file has.
    #expect(try await upload(server) == nil)
    try place.folder.write("model/config.json", "[]")
    let changed = try await hub(server).uploadPlan(folder, to: model)
    #expect(changed.files.map(\.change) == [.unchanged, .changed, .unchanged, .unchanged] && changed.isPublic == false)
    let asked = server.requests.count
    try await upload(server)
    #expect(there.state.files?["config.json"] == Array("[]".utf8) && there.state.commits == 3)
    #expect(!server.requests[asked...].contains { $0.path.contains("lfs") })
  }

  @Test func aContentThatIsThereIsNotSentAgain() async throws {
    let there = UploadHub("o/n", files: [:])
    there.change { $0.objects[TestRepository.hash(Self.weights)] = Self.weights }
    let server = try await serve(there)
    try await upload(server)
    expectWhole(there)
    #expect(!server.requests.contains { $0.method == "PUT" })
  }

  @Test func theStorageNeverSeesTheToken() async throws {
    let there = UploadHub("o/n", files: [:])
    let storage = try await TestHub { there.answer($0) }
    let address = storage.address
    let server = try await TestHub { request in
      var answer = there.answer(request)
      if request.path.contains("lfs") {
        let own = "http://" + (request["host"] ?? "")
        answer = Answer(
          200, text: String(decoding: answer.body, as: UTF8.self).replacing(own + "/part", with: address + "/part"))
      }
      return answer
    }
    try await upload(server)
    expectWhole(there)
    #expect(storage.requests.count == 3 && storage.requests.allSatisfy { $0["authorization"] == nil })
  }

  @Test func whatIsNotForOthersStaysHere() async throws {
    for (path, text) in [
      ("checkpoint-5/model.safetensors", "x"), ("optimizer.pt", "x"), (".env", "x"), (".git/config", "x"),
      ("token", "x"),
      ("notes.txt", "my hf_write token"), ("key.pem", "x"), (".eval_results/caravan.yaml", "[]"),
      ("value/config.json", "{}"),
    ] { try place.folder.write("model/" + path, text) }
    try place.folder.write("secret", "x")
    try FileManager.default.createSymbolicLink(
      atPath: folder.path + "/linked", withDestinationPath: place.url.path + "/secret")
    let there = UploadHub("o/n")
    let server = try await serve(there)
    let plan = try await hub(server).uploadPlan(folder, to: model)
    #expect(
      plan.leftOut.map { "\($0.path): \($0.reason)" } == [
        ".env: hidden", ".git/: hidden", "checkpoint-5/: a checkpoint, with the state of its optimizer",
        "key.pem: it may be a key or a token", "linked: a link to a file elsewhere", "notes.txt: it holds your token",
        "optimizer.pt: the state of an optimizer", "token: it may be a key or a token",
      ])
    #expect(
      plan.files.map(\.path).contains(".eval_results/caravan.yaml")
        && plan.files.map(\.path).contains("value/config.json"))
    // Asked for by name, all may go but the token and what lies elsewhere.
    let asked = try await hub(server).uploadPlan(
      folder, to: model, matching: ["checkpoint-5/*", "*.txt", "linked", "optimizer.pt"])
    #expect(asked.files.map(\.path) == ["checkpoint-5/model.safetensors", "empty.txt", "optimizer.pt"])
    #expect(asked.leftOut.map(\.path) == ["linked", "notes.txt"])
  }

  @Test func nobodySeesWhatIsPrivate() async throws {
    let there = UploadHub("o/n", files: [:], isPrivate: false)
    let server = try await serve(there)
    #expect(
      await message { try await upload(server) }
        == "model o/n is public: everyone would see the files; say 'public' if they may, or name another repository")
    #expect(server.requests.allSatisfy { $0.method == "GET" })
    try await upload(server, isPublic: true)
    expectWhole(there)
    // A hub that makes a public one though a private one was asked for.
    let careless = UploadHub("o/n")
    let other = try await serve(careless, "create") { _, honest in
      let answer = honest()
      careless.change { $0.isPrivate = false }
      return answer
    }
    #expect(await message { try await upload(other) }?.contains("is public: everyone would see") == true)
    #expect(careless.state.commits == 1)
  }

  // MARK: A hub that does not

  @Test(arguments: ["preupload", "lfs", "part/", "complete", "verify", "commit", "create", "revision"])
  func whatBreaksIsTriedAgain(place part: String) async throws {
    for answer in [
      Answer(503), Answer(429, headers: ["retry-after": "0"]), Answer(200, [1, 2, 3]).cut(after: 1), Answer(500),
    ] {
      let there = UploadHub("o/n")
      let server = try await serve(there, part) { number, _ in number == 1 ? answer : nil }
      try await upload(server)
      expectWhole(there)
    }
  }

  @Test(arguments: ["create", "complete", "commit", "part/"])
  func anAnswerThatIsLostIsNotTheWork(place part: String) async throws {
    let there = UploadHub("o/n")
    let server = try await serve(there, part) { number, honest in number == 1 ? honest().cut(after: 0) : nil }
    #expect(try await upload(server) == "\(server.address)/o/n/commit/\(UploadHub.commit(2))")
    expectWhole(there)
  }

  @Test func aBrokenUploadGoesOn() async throws {
    let there = UploadHub("o/n")
    let broken = try await serve(there, "/commit/") { _, _ in Answer(503) }
    #expect(await message { try await upload(broken) }?.contains("answers 503, 5 times; try again later") == true)
    #expect(there.state.commits == 1 && there.state.objects.count == 1)
    let server = try await serve(there)
    try await upload(server)
    expectWhole(there)
    #expect(!server.requests.contains { $0.method == "PUT" })
  }

  @Test func permissionsOfTheStorageRunOut() async throws {
    let there = UploadHub("o/n", files: [:])
    let counter = Counter()
    let storage = try await TestHub { counter.next() == 2 ? Answer(403) : there.answer($0) }
    let address = storage.address
    let server = try await TestHub { request in
      let answer = there.answer(request)
      guard request.path.contains("lfs") else { return answer }
      let own = "http://" + (request["host"] ?? "")
      return Answer(
        200, text: String(decoding: answer.body, as: UTF8.self).replacing(own + "/part", with: address + "/part"))
    }
    try await upload(server)
    expectWhole(there)
    #expect(server.requests.count { $0.path.contains("lfs") } == 2)
  }

  @Test func somebodyElsesChangesAreNotOverwritten() async throws {
    let there = UploadHub("o/n", files: [:])
    let server = try await serve(there, "preupload") { _, _ in
      there.change { $0.commits += 1 }
      return nil
    }
    let text = "model o/n was changed while files were uploaded; upload again to compare with what it has now"
    #expect(await message { try await upload(server) } == text)
    // The commit's answer is lost, and what is there now is another's.
    let other = UploadHub("o/n", files: [:])
    let lost = try await serve(other, "/commit/") { _, _ in
      other.change { $0.commits += 1 }
      return Answer(503)
    }
    #expect(await message { try await upload(lost) } == text)
  }

  @Test func refusalsSayWhatToDo() async throws {
    func refusal(_ status: Int, at part: String, _ headers: [String: String] = [:]) async throws -> String? {
      let there = UploadHub("o/n", files: [:])
      let server = try await serve(there, part) { _, _ in Answer(status, text: "{}", headers: headers) }
      let text = await message { try await upload(server) }
      #expect(there.state.commits == 1 && text?.contains("\n") == false)
      return text?.replacing(server.address.dropFirst(7), with: "HOST")
    }
    #expect(
      try await refusal(401, at: "preupload")
        == "HOST does not accept your token; http://HOST/settings/tokens makes new ones (HF_TOKEN)")
    #expect(
      try await refusal(403, at: "preupload", ["x-error-message": "read only"])
        == "your token may not write to model o/n (it says: read only); http://HOST/settings/tokens makes one that may")
    #expect(
      try await refusal(409, at: "/commit/")?.hasPrefix("model o/n was changed while files were uploaded") == true)
    #expect(
      try await refusal(413, at: "/commit/")
        == "HOST does not take as much at once for model o/n; upload fewer files at a time")
    #expect(
      try await refusal(429, at: "lfs", ["retry-after": "7200"])
        == "model.safetensors: HOST answers 429, and asks to wait 7200 seconds; try again then")
    #expect(try await refusal(418, at: "preupload") == "HOST answers 418 about model o/n")
    #expect(
      try await refusal(400, at: "verify") == "the hub has not got 'model.safetensors' as it was sent; upload again")
  }

  @Test func answersThatLie() async throws {
    func failure(at part: String, _ text: String) async throws -> String? {
      let there = UploadHub("o/n", files: [:])
      let server = try await serve(there, part) { _, _ in Answer(200, text: text) }
      let message = await message { try await upload(server) }
      #expect(there.state.commits == 1)
      return message
    }
    let hash = TestRepository.hash(Self.weights)
    func batch(_ actions: String) -> String { #"{"objects":[{"oid":"\#(hash)","size":250000,"actions":\#(actions)}]}"# }
    let unusable =
      "the hub names places for 'model.safetensors' that cannot be used; is HF_ENDPOINT the address of a hub?"
    #expect(
      try await failure(at: "preupload", "{}")
        == "the hub does not say how it wants 'README.md'; is HF_ENDPOINT the address of a hub?")
    #expect(try await failure(at: "preupload", "<html>")?.contains("the answer is not JSON") == true)
    #expect(
      try await failure(at: "lfs", "{}")?.hasPrefix("the hub does not say where it wants 'model.safetensors'") == true)
    #expect(try await failure(at: "lfs", batch(#"{"upload":{"href":"file:///etc/passwd"}}"#)) == unusable)
    #expect(
      try await failure(at: "lfs", batch(#"{"upload":{"href":"http://h/c","header":{"chunk_size":1}}}"#)) == unusable)
    #expect(
      try await failure(at: "lfs", batch(#"{"upload":{"href":"http://h/c","header":{"chunk_size":0}}}"#)) == unusable)
    #expect(
      try await failure(
        at: "lfs", batch(#"{"upload":{"href":"http://h/c","header":{"chunk_size":"200000","1":"http://h/1"}}}"#))
        == unusable)
    #expect(
      try await failure(at: "lfs", #"{"objects":[{"oid":"\#(hash)","error":{"code":422,"message":"too\nlarge"}}]}"#)
        == "the hub does not take 'model.safetensors' (it says: too large)")
    #expect(try await failure(at: "/commit/", "{}")?.hasPrefix("the hub does not say which commit it made") == true)
    #expect(
      try await failure(at: "revision", #"{"sha":"\#(UploadHub.commit(1))","siblings":[]}"#)?
        .contains("does not say whether model o/n is private; nothing was sent") == true)
  }

  @Test func aSilentServerIsLeftAndASlowOneIsNot() async throws {
    var patience = Patience.hasty
    (patience.silence, patience.work, patience.attempts) = (.seconds(1), .seconds(3), 2)
    let there = UploadHub("o/n", files: [:])
    let slow = try await serve(there, "/commit/") { _, _ in
      Thread.sleep(forTimeInterval: 1.5)
      return nil
    }
    let patient = try hub(slow, patience: patience)
    _ = try await patient.upload(try await patient.uploadPlan(folder, to: model))
    expectWhole(there)
    let silent = try await serve(UploadHub("o/n", files: [:]), "preupload") { _, _ in
      var answer = Answer(200, text: "{")
      (answer.length, answer.ending) = (100, .silence)
      return answer
    }
    let impatient = try hub(silent, patience: patience)
    let plan = try await impatient.uploadPlan(folder, to: model)
    #expect(await message { try await impatient.upload(plan) }?.contains("does not answer, 2 times") == true)
  }

  @Test func whatIsWrongIsSaidBeforeAnythingIsAsked() async throws {
    let server = try await serve(UploadHub("o/n"))
    let without = try place.hub(server.address)
    #expect(
      await message { try await without.uploadPlan(folder, to: model) }
        == "uploading needs a token that may write: \(server.address)/settings/tokens makes one; set HF_TOKEN to it")
    let offline = try place.hub(server.address, ["HF_TOKEN": "x", "HF_HUB_OFFLINE": "1"])
    #expect(
      await message { try await offline.uploadPlan(folder, to: model) }
        == "nothing can be uploaded: HF_HUB_OFFLINE is set")
    let nowhere = place.url.appending(path: "nowhere")
    #expect(
      await message { try await hub(server).uploadPlan(nowhere, to: model) }
        == "\(nowhere.path): there is no such folder")
    #expect(
      await message { try await hub(server).uploadPlan(folder, to: model, matching: ["*.bin"]) }
        == "\(folder.path) has no files that match *.bin")
    #expect(server.requests.isEmpty)
  }

  @Test func aFileThatChangesMeanwhileIsNotSent() async throws {
    let there = UploadHub("o/n", files: [:])
    let path = folder.path + "/model.safetensors"
    let server = try await serve(there, "part/") { number, _ in
      guard number == 2 else { return nil }
      try? Data(noise(250_000, seed: 7)).write(to: URL(filePath: path))
      return nil
    }
    #expect(
      await message { try await upload(server) }?.hasPrefix("model.safetensors changed while it was uploaded") == true)
    #expect(there.state.commits == 1)
  }
}
