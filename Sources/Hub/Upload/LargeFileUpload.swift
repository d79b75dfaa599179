import Foundation
import JSON

/// Sends the content of a large file to the hub's storage, by git's protocol for large files (LFS): in one piece, or in parts
/// of the size that the hub says.
///
/// Learn more: https://github.com/git-lfs/git-lfs/blob/main/docs/api/batch.md
struct LargeFileUpload {
  let file: LocalFile
  /// The content's SHA-256.
  let hash: String
  let repository: HubRepository
  let transport: Transport
  let refusal: UploadRefusal
  let patience: Patience
  let progress: TransferProgress

  private static let type = "application/vnd.git-lfs+json"
  /// The storage takes no more parts of a file.
  private static let mostParts = 10_000

  /// Where the hub wants the content.
  private enum Destination {
    /// It has it.
    case none
    case whole(String, verify: String?)
    /// An address for each part, and where to say that all are there.
    case parts([String], size: Int, completion: String, verify: String?)
  }

  /// Sends the content, or nothing where the hub has it already.
  /// - Throws: `HubError`.
  func callAsFunction() async throws {
    let name = plainLine(file.path)
    var retries = Retries(patience)
    let sent = SentBytes(progress)
    while true {
      do {
        // Anew each time: permission to write runs out.
        switch try await destination() {
        case .none: break
        case .whole(let address, let verify):
          let response = try await put(0..<file.size, to: address, sent)
          try await transport.end(response)
          try await self.verify(verify)
        case .parts(let addresses, let size, let completion, let verify):
          try await putParts(addresses, size: size, completion: completion, sent) { retries.reset() }
          try await self.verify(verify)
        }
        return sent.settle(at: file.size)
      } catch let failure as TransferFailure {
        sent.settle(at: 0)
        let wait = try retries.wait(after: failure, subject: name, isUnreachable: false)
        progress.note("\(name): \(failure.reason); sending it again in \(max(1, wait.components.seconds)) s")
        try await Task.sleep(for: wait)
      }
    }
  }

  /// Asks where to send the content.
  private func destination() async throws -> Destination {
    let request: JSON = [
      "operation": "upload", "transfers": ["basic", "multipart"], "hash_algo": "sha256", "ref": ["name": "main"],
      "objects": [["oid": .string(hash), "size": .integer(file.size)]],
    ]
    let answer = try await transport.post(
      request, to: "\(repository.page).git/info/lfs/objects/batch", type: Self.type, refusal: refusal.callAsFunction)
    guard let object = answer["objects"]?.array?.first, object["oid"]?.string == hash else {
      throw HubError(
        "the hub does not say where it wants '\(plainLine(file.path))'; is HF_ENDPOINT the address of a hub?")
    }
    if let error = object["error"] {
      let text = error["message"]?.string ?? "no reason is given"
      throw HubError("the hub does not take '\(plainLine(file.path))' (it says: \(plainLine(text)))")
    }
    guard let actions = object["actions"], actions != .null else { return .none }
    let verify = try actions["verify"].map { try address($0["href"]) }
    let target = try address(actions["upload"]?["href"])
    let header = actions["upload"]?["header"]
    guard let size = header?["chunk_size"].flatMap({ $0.int ?? $0.string.flatMap { Int($0) } }) else {
      return .whole(target, verify: verify)
    }
    let count = size > 0 ? (file.size + size - 1) / size : 0
    guard (1...Self.mostParts).contains(count) else { throw unusable }
    let parts = try (1...count).map { number in
      // Written as `1`, or `00001`.
      let key = header?.object?.first { Int($0.key) == number }
      return try address(key?.value)
    }
    return .parts(parts, size: size, completion: target, verify: verify)
  }

  private var unusable: HubError {
    HubError(
      "the hub names places for '\(plainLine(file.path))' that cannot be used; is HF_ENDPOINT the address of a hub?")
  }

  /// An address to send to; without encryption only where the hub is asked so too.
  private func address(_ value: JSON?) throws(HubError) -> String {
    let isPlain = transport.settings.endpoint.lowercased().hasPrefix("http:")
    guard let text = value?.string, let origin = Transport.origin(text),
      origin[0] == "https" || isPlain && origin[0] == "http"
    else { throw unusable }
    return text
  }

  private func put(_ range: Range<Int>, to address: String, _ sent: SentBytes) async throws -> HTTPResponse {
    let handle = try file.open()
    let sending = HTTPRequest.Sending(method: "PUT", body: .file(handle, range)) { sent.add($0) }
    let response = try await transport.send(
      sending, to: address, silence: patience.work, refusal: refusal.callAsFunction)
    try file.check(handle)
    return response
  }

  /// Sends all parts in their order, each again where it breaks off.
  private func putParts(
    _ addresses: [String], size: Int, completion: String, _ sent: SentBytes, _ progressed: () -> Void
  ) async throws {
    var tags: [JSON] = []
    for (index, address) in addresses.enumerated() {
      let range = index * size..<min((index + 1) * size, file.size)
      let response = try await putPart(range, to: address, sent)
      try await transport.end(response)
      guard let tag = response.headers["etag"], !tag.isEmpty else {
        throw TransferFailure.damaged("the storage does not say what it has of part \(index + 1)")
      }
      tags.append(["partNumber": .integer(index + 1), "etag": .string(tag)])
      progressed()
    }
    let body: JSON = ["oid": .string(hash), "parts": .array(tags)]
    let response = try await transport.send(
      .init(method: "POST", body: .bytes(Array(body.text.utf8))), to: completion, type: Self.type,
      silence: patience.work, refusal: refusal.callAsFunction)
    try await transport.end(response)
  }

  private func putPart(_ range: Range<Int>, to address: String, _ sent: SentBytes) async throws -> HTTPResponse {
    var retries = Retries(patience)
    while true {
      do {
        return try await put(range, to: address, sent)
      } catch TransferFailure.interrupted(let reason, let asked) {
        sent.settle(at: range.lowerBound)
        let wait = try retries.wait(after: reason, asked: asked, subject: plainLine(file.path), isUnreachable: false)
        progress.note(
          "\(plainLine(file.path)): \(reason); sending the part again in \(max(1, wait.components.seconds)) s")
        try await Task.sleep(for: wait)
      }
    }
  }

  /// Has the hub look whether all has come.
  private func verify(_ address: String?) async throws {
    guard let address else { return }
    let body: JSON = ["oid": .string(hash), "size": .integer(file.size)]
    let response = try await transport.send(
      .init(method: "POST", body: .bytes(Array(body.text.utf8))), to: address, type: "application/json",
      silence: patience.work
    ) { response in
      [400, 404, 422].contains(response.status)
        ? HubError("the hub has not got '\(plainLine(file.path))' as it was sent; upload again") : refusal(response)
    }
    try await transport.end(response)
  }
}
