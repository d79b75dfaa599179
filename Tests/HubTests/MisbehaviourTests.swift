import Foundation
import Hub
import JSON
import TestHub
import Testing

/// Downloads from servers that break, lie, or are up to no good.
@Suite struct MisbehaviourTests {
  private let place: Scratch
  private let model: HubRepository
  private static let weights = noise(300_000)
  private static let repository = TestRepository(
    "o/n", files: ["model.safetensors": weights, "config.json": Array("{}".utf8)], largeFiles: ["model.safetensors"])
  private static let blob = "models--o--n/blobs/" + TestRepository.hash(weights)

  init() throws { (place, model) = (try Scratch(), try HubRepository(.model, "o/n")) }

  /// A server whose `spoiled` answers for the weights' nth request, from 1; nil is the honest answer.
  private func serve(
    _ spoiled: @escaping @Sendable (_ number: Int, _ request: Request, _ honest: Answer) -> Answer?
  ) async throws -> TestHub {
    let counter = Counter()
    return try await TestHub { request in
      let honest = Self.repository.answer(request)
      guard request.path == Self.repository.path("model.safetensors") else { return honest }
      return spoiled(counter.next(), request, honest) ?? honest
    }
  }

  private func starts(_ server: TestHub) -> [Int?] {
    server.requests.filter { $0.path.hasSuffix("model.safetensors") }.map(\.start)
  }

  /// Expects that the weights come whole in the end.
  private func expectWhole(
    _ server: TestHub, patience: Patience = .hasty, _ location: SourceLocation = #_sourceLocation
  )
    async throws
  {
    _ = try await place.hub(server.address, patience: patience).download(model, selecting: .model)
    let link = "models--o--n/snapshots/\(Self.repository.commit)/model.safetensors"
    let isWhole = place.bytes(link) == Self.weights
    #expect(isWhole && !place.has(Self.blob + ".incomplete"), sourceLocation: location)
  }

  private func failure(_ server: TestHub, patience: Patience = .hasty) async throws -> String? {
    let hub = try place.hub(server.address, patience: patience)
    let text = await message { try await hub.download(model, selecting: .model) }
    // Nothing that is not whole may look as if it were.
    #expect(!place.has(Self.blob) && !place.has("models--o--n/refs/main"))
    #expect(text?.contains("\n") == false)
    return text
  }

  // MARK: What breaks

  @Test func aBrokenLineIsTakenUpWhereItBroke() async throws {
    let server = try await serve { number, _, honest in number <= 3 ? honest.cut(after: 70_000) : nil }
    try await expectWhole(server)
    let starts = starts(server)
    #expect(starts.count == 4 && starts[0] == nil)
    let offsets = starts.dropFirst().compactMap(\.self)
    #expect(offsets.count == 3 && offsets == offsets.sorted() && offsets.allSatisfy { $0 <= 210_000 }, "\(offsets)")
    #expect(offsets.last ?? 0 > 0)
  }

  @Test func aLaterProcessGoesOn() async throws {
    try place.folder.write(Self.blob + ".incomplete", Array(Self.weights[..<123_456]))
    let server = try await serve { _, _, _ in nil }
    try await expectWhole(server)
    #expect(starts(server) == [123_456])
    guard case .planned(_, let missing, _) = place.events.first else {
      Issue.record("nothing planned")
      return
    }
    #expect(missing == Self.weights.count - 123_456 + 2)
  }

  @Test func whatAnEarlierProcessLeftMayBeWrong() async throws {
    // Other bytes; more bytes than there are; all bytes already.
    for (left, expected) in [
      (noise(1000, seed: 9), [1000, nil]), (noise(300_001, seed: 9), [nil]), (Self.weights, []),
    ] {
      try? FileManager.default.removeItem(at: place.url.appending(path: "models--o--n"))
      try place.folder.write(Self.blob + ".incomplete", left)
      let server = try await serve { _, _, _ in nil }
      try await expectWhole(server)
      #expect(starts(server) == expected)
    }
  }

  @Test func aServerThatCannotResumeStartsOver() async throws {
    let server = try await serve { number, _, honest in
      number == 1 ? honest.cut(after: 70_000) : Answer(200, Self.weights)
    }
    try await expectWhole(server)
  }

  @Test func anotherPartThanAskedForIsNotTaken() async throws {
    try place.folder.write(Self.blob + ".incomplete", Array(Self.weights[..<1000]))
    let server = try await serve { number, request, honest in
      guard number == 1 else { return nil }
      return Answer(
        206, Array(Self.weights[2000...]), headers: ["content-range": "bytes 2000-299999/300000"])
    }
    try await expectWhole(server)
    #expect(starts(server) == [1000, nil])
    #expect(place.notes == ["model.safetensors: another part came than was asked for; fetching it anew"])
  }

  @Test func aServerThatIsBusyIsGivenTime() async throws {
    let server = try await serve { number, _, _ in
      switch number {
      case 1: Answer(429, headers: ["retry-after": "1"])
      case 2: Answer(500)
      case 3: Answer(503, text: "<html>busy</html>")
      default: nil
      }
    }
    let start = ContinuousClock.now
    try await expectWhole(server)
    #expect(ContinuousClock.now - start >= .seconds(1))
    #expect(
      place.notes.first
        == "model.safetensors: 127.0.0.1:\(server.address.split(separator: ":")[2]) answers 429; continuing in 1 s")
  }

  @Test func aServerThatStaysBusyIsLeft() async throws {
    let server = try await serve { _, _, _ in Answer(502) }
    let host = server.address.dropFirst(7)
    #expect(try await failure(server) == "model.safetensors: \(host) answers 502, 5 times; try again later")
    #expect(starts(server).count == 5)
    let patient = try await serve { _, _, _ in Answer(429, headers: ["retry-after": "86400"]) }
    #expect(
      try await failure(patient)
        == "model.safetensors: \(patient.address.dropFirst(7)) answers 429, and asks to wait 86400 seconds; try again then"
    )
  }

  @Test func aSilentServerIsLeft() async throws {
    let server = try await serve { _, _, honest in
      var answer = honest
      answer.body = Array(honest.body.prefix(10))
      answer.ending = .silence
      return answer
    }
    var patience = Patience.hasty
    (patience.silence, patience.attempts) = (.milliseconds(300), 2)
    #expect(
      try await failure(server, patience: patience)
        == "model.safetensors: \(server.address.dropFirst(7)) does not answer, 2 times; try again later")
    // What came is kept for another time.
    #expect(place.bytes(Self.blob + ".incomplete")?.isEmpty == false)
  }

  @Test func waitingEndsWhereItIsCancelled() async throws {
    let server = try await serve { _, _, honest in
      var answer = honest
      (answer.body, answer.ending) = ([], .silence)
      return answer
    }
    var patience = Patience.hasty
    patience.silence = .seconds(60)
    let hub = try place.hub(server.address, patience: patience)
    let download = Task { [model] in try await hub.download(model, selecting: .model) }
    while starts(server).isEmpty { try await Task.sleep(for: .milliseconds(10)) }
    let start = ContinuousClock.now
    download.cancel()
    await #expect(throws: CancellationError.self) { try await download.value }
    #expect(ContinuousClock.now - start < .seconds(20))
    #expect(place.notes.isEmpty)
  }

  @Test func aHeadWithoutEnd() async throws {
    let lines = (0..<40).map { ("x-\($0)", String(repeating: "x", count: 10_000)) }
    let server = try await serve { number, _, _ in
      number == 1 ? Answer(200, headers: Dictionary(uniqueKeysWithValues: lines)) : nil
    }
    try await expectWhole(server)
    #expect(place.notes.first?.contains("broke the connection (the head of its answer is longer than 256 KiB)") == true)
  }

  // MARK: What lies

  @Test func lengthsThatAreWrongAreNoticedBeforeAnythingIsRead() async throws {
    for length in [299_999, 300_001, 1 << 60] {
      let server = try await serve { _, _, honest in
        var answer = honest
        answer.length = length
        answer.ending = .silence
        return answer
      }
      #expect(
        try await failure(server)
          == "model.safetensors: \(length) bytes are announced instead of 300000, twice; the part that was fetched is deleted; try again later"
      )
    }
  }

  @Test func bodiesThatAreTooShortOrTooLong() async throws {
    let short = try await serve { number, _, honest in
      var answer = honest
      (answer.length, answer.body) = (nil, number == 1 ? Array(honest.body.prefix(1000)) : honest.body)
      return answer
    }
    try await expectWhole(short)
    #expect(starts(short) == [nil, 1000])

    try FileManager.default.removeItem(at: place.url.appending(path: "models--o--n"))
    let long = try await serve { _, _, honest in
      var answer = honest
      (answer.length, answer.body) = (nil, honest.body + [0])
      return answer
    }
    #expect(
      try await failure(long)?.hasPrefix("model.safetensors: more than the 300000 bytes came that the hub lists, twice")
        == true)
  }

  @Test func anEndlessBodyEnds() async throws {
    let server = try await serve { _, _, honest in
      var answer = honest
      (answer.length, answer.ending) = (nil, .again)
      return answer
    }
    #expect(try await failure(server)?.hasPrefix("model.safetensors: more than the 300000 bytes came") == true)
    #expect(place.bytes(Self.blob + ".incomplete")?.count ?? 0 == 0)
  }

  @Test func otherContentThanPublished() async throws {
    let other = noise(300_000, seed: 2)
    let once = try await serve { number, _, _ in number == 1 ? Answer(200, other) : nil }
    try await expectWhole(once)
    #expect(place.notes.count == 1 && place.notes[0].hasSuffix("; fetching it anew"))

    try FileManager.default.removeItem(at: place.url.appending(path: "models--o--n"))
    let always = try await serve { _, _, _ in Answer(200, other) }
    #expect(
      try await failure(always)
        == "model.safetensors: its content has the hash \(TestRepository.hash(other)), the hub published \(TestRepository.hash(Self.weights)), twice; the part that was fetched is deleted; try again later"
    )
    #expect(starts(always).count == 2)
    // Files kept in git are checked too.
    try FileManager.default.removeItem(at: place.url.appending(path: "models--o--n"))
    let git = try await TestHub { request in
      request.path.hasSuffix("config.json") ? Answer(200, text: "[]") : Self.repository.answer(request)
    }
    let text = await message { try await place.hub(git.address).download(model, selecting: .model) }
    #expect(text?.hasPrefix("config.json: its content has the hash") == true, "\(text ?? "")")
    #expect(!place.has("models--o--n/refs/main"))
  }

  // MARK: Redirects

  @Test func theTokenStaysWithTheHub() async throws {
    let storage = try await TestHub { TestRepository.answer($0, Self.weights) }
    let (address, repository) = (storage.address, Self.repository)
    let server = try await TestHub { request in
      // A hub that has renamed the repository, and keeps large files elsewhere.
      switch request.path {
      case "/api/models/o/n/revision/main?blobs=true": .redirect("/api/models/o/new")
      case "/api/models/o/new": Answer(200, text: repository.listing.text)
      case repository.path("model.safetensors"): .redirect(address + "/bucket/x?signature=abc")
      default: repository.answer(request)
      }
    }
    try place.folder.write(Self.blob + ".incomplete", Array(Self.weights[..<5]))
    _ = try await place.hub(server.address, ["HF_TOKEN": "hf_secret"]).download(model, selecting: .model)
    #expect(place.bytes(Self.blob) == Self.weights)
    #expect(server.requests.count == 4)
    #expect(server.requests.allSatisfy { $0["authorization"] == "Bearer hf_secret" })
    #expect(storage.requests.map(\.path) == ["/bucket/x?signature=abc"])
    #expect(storage.requests.allSatisfy { $0["authorization"] == nil && $0.start == 5 })
  }

  @Test func permissionsOfTheStorageRunOut() async throws {
    let counter = Counter()
    let storage = try await TestHub { counter.next() == 1 ? Answer(403) : TestRepository.answer($0, Self.weights) }
    let address = storage.address
    let server = try await serve { number, _, _ in .redirect("\(address)/\(number)") }
    try await expectWhole(server)
    #expect(storage.requests.map(\.path) == ["/1", "/2"])
  }

  @Test func redirectsThatLeadNowhere() async throws {
    let loop = try await serve { _, request, _ in .redirect(request.path) }
    #expect(
      try await failure(loop) == "\(loop.address.dropFirst(7)) redirects more than 8 times; is HF_ENDPOINT right?")
    for location in ["", "file:///etc/passwd", "ftp://x/y", "http://", "javascript:1"] {
      let server = try await serve { _, _, _ in .redirect(location) }
      let text = try await failure(server)
      let isRefused =
        text == "\(server.address.dropFirst(7)) redirects to no address that can be followed; is HF_ENDPOINT right?"
      #expect(
        isRefused || location.isEmpty && text?.contains("redirects more than") == true, "\(location): \(text ?? "")")
    }
    let missing = try await serve { _, _, _ in Answer(302) }
    #expect(try await failure(missing)?.contains("redirects to no address") == true)
  }

  // MARK: Listings

  private func failure(listing answer: Answer) async throws -> String? {
    let server = try await TestHub { Self.repository.isListing($0) ? answer : Self.repository.answer($0) }
    let text = try await failure(server)
    #expect(try place.files().isEmpty)
    return text?.replacing(server.address.dropFirst(7), with: "HOST").replacing(server.address, with: "http://HOST")
  }

  private func failure(listing: JSON) async throws -> String? {
    try await failure(listing: Answer(200, text: listing.text))
  }

  @Test func listingsThatAreNone() async throws {
    let noHub = "the hub's answer names no commit and files; is HF_ENDPOINT the address of a hub?"
    #expect(try await failure(listing: [:]) == noHub)
    #expect(try await failure(listing: ["sha": "../../x", "siblings": []]) == noHub)
    #expect(
      try await failure(listing: Answer(200, text: "<html>"))
        == "HOST: the answer is not JSON: line 1, column 1: a value was expected; is HF_ENDPOINT right?")
    #expect(
      try await failure(listing: Answer(200, text: String(repeating: "[", count: 100_000)))?.contains(
        "nested more than") == true)
    var endless = Answer(200, [UInt8](repeating: UInt8(ascii: " "), count: 1 << 20))
    (endless.length, endless.ending) = (nil, .again)
    #expect(try await failure(listing: endless) == "HOST: the answer is longer than 32 MiB; is HF_ENDPOINT right?")
  }

  @Test func listingsThatLie() async throws {
    func listing(_ file: JSON) -> JSON { ["sha": .string(Self.repository.commit), "siblings": [file]] }
    let hash = JSON.string(String(repeating: "a", count: 40))
    #expect(
      try await failure(listing: listing(["rfilename": "../config.json", "size": 2, "blobId": hash]))
        == "the hub lists a file '../config.json', which would lie outside of its folder; nothing was fetched")
    #expect(
      try await failure(listing: listing(["rfilename": "/etc/config.json", "size": 2, "blobId": hash]))
        == "the hub lists a file '/etc/config.json', which would lie outside of its folder; nothing was fetched")
    #expect(
      try await failure(listing: listing(["rfilename": "config.json", "size": 2, "blobId": "../x"]))
        == "the hub lists 'config.json' without a hash to check it against")
    #expect(
      try await failure(listing: listing(["rfilename": "config.json", "blobId": hash]))
        == "the hub lists 'config.json' without a size")
    #expect(
      try await failure(listing: listing(["rfilename": "config.json", "size": 5_000_000_000_000, "blobId": hash]))?
        .contains("needs 5000000000000 bytes (5.0 TB), the disk has") == true)
  }

  @Test func refusalsSayWhatToDo() async throws {
    func refusal(_ status: Int, _ headers: [String: String] = [:]) async throws -> String? {
      try await failure(listing: Answer(status, text: "{}", headers: headers))
    }
    let unknown =
      "HOST has no public model o/n; check the name ('dataset' fetches data sets; a private one needs HF_TOKEN)"
    #expect(try await refusal(401, ["x-error-code": "RepoNotFound"]) == unknown)
    #expect(try await refusal(404) == unknown)
    #expect(
      try await refusal(403, ["x-error-code": "GatedRepo"])
        == "model o/n is gated: ask for access at http://HOST/o/n, then set HF_TOKEN to a token of your account")
    #expect(
      try await refusal(403, ["x-error-message": "no\tway"])
        == "HOST denies access to model o/n; see http://HOST/o/n, and what your token allows (it says: no way)")
    #expect(try await refusal(418) == "HOST answers 418 about model o/n")
  }

  @Test func linksThatLeadElsewhereAreReplaced() async throws {
    let link = place.url.appending(path: "models--o--n/snapshots/\(Self.repository.commit)/config.json")
    try place.folder.write("elsewhere", Array("keep me".utf8))
    try FileManager.default.createDirectory(at: link.deletingLastPathComponent(), withIntermediateDirectories: true)
    try FileManager.default.createSymbolicLink(atPath: link.path, withDestinationPath: place.url.path + "/elsewhere")
    try await expectWhole(serve { _, _, _ in nil })
    #expect(place.bytes("elsewhere") == Array("keep me".utf8))
    #expect(FileManager.default.contents(atPath: link.path) == Data("{}".utf8))
  }
}
