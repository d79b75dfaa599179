import Foundation
import JSON
import Synchronization

/// A hub that takes uploads of one model, as the real one does, and remembers what it has.
package final class UploadHub: Sendable {
  /// What it has.
  package struct State: Sendable {
    /// The files of the newest commit; nil where there is no repository.
    package var files: [String: [UInt8]]?
    package var isPrivate = true
    /// How many commits there are.
    package var commits = 0
    /// The contents of large files, by their SHA-256.
    package var objects: [String: [UInt8]] = [:]
    /// The parts that have come, by the SHA-256 of the whole.
    package var parts: [String: [Int: [UInt8]]] = [:]
    /// The hashes of files that are kept outside of git.
    var large: [String: String] = [:]
  }

  package let name: String
  /// Larger files are kept outside of git, and come in parts of this size.
  package let partSize: Int
  private let held: Mutex<State>

  /// A hub; without files there is no repository yet.
  package init(_ name: String, files: [String: [UInt8]]? = nil, isPrivate: Bool = true, partSize: Int = 100_000) {
    (self.name, self.partSize) = (name, partSize)
    held = Mutex(State(files: files, isPrivate: isPrivate, commits: files == nil ? 0 : 1))
  }

  /// What it has now.
  package var state: State { held.withLock(\.self) }

  /// Changes it behind the uploader's back.
  package func change(_ work: @Sendable (inout State) -> Void) { held.withLock { work(&$0) } }

  /// The name of a commit.
  package static func commit(_ number: Int) -> String { String(format: "%040x", number) }

  /// The honest answer.
  package func answer(_ request: Request) -> Answer {
    let place = request.path.dropFirst().split(separator: "?")[0]
    let host = "http://" + (request["host"] ?? "")
    return held.withLock { state in
      switch (request.method, place) {
      case ("GET", "api/models/\(name)/revision/main"): return listing(state)
      case ("POST", "api/repos/create"):
        guard state.files == nil else { return Answer(409, text: "{}") }
        state.files = [".gitattributes": []]
        state.commits = 1
        state.isPrivate = json(request)["visibility"] == "private"
        return Answer(200, text: "{}")
      case ("POST", "api/models/\(name)/preupload/main"):
        let files = (json(request)["files"]?.array ?? []).map { file -> JSON in
          let isLarge = file["size"]?.int ?? 0 > partSize / 2
          return [
            "path": file["path"] ?? .null, "uploadMode": isLarge ? "lfs" : "regular", "shouldIgnore": false,
          ]
        }
        return Answer(200, text: JSON.object(["files": .array(files)]).text)
      case ("POST", "\(name).git/info/lfs/objects/batch"):
        let objects = (json(request)["objects"]?.array ?? []).map { object($0, host, state) }
        return Answer(200, text: JSON.object(["transfer": "multipart", "objects": .array(objects)]).text)
      case ("POST", "api/models/\(name)/commit/main"): return commit(request, &state)
      default: return store(request, place.split(separator: "/").map(String.init), &state)
      }
    }
  }

  private func json(_ request: Request) -> JSON { (try? JSON(parsing: request.body)) ?? .null }

  private func listing(_ state: State) -> Answer {
    guard let files = state.files else { return Answer(404, text: "{}", headers: ["x-error-code": "RepoNotFound"]) }
    var repository = TestRepository(name, files: files, largeFiles: Set(state.large.keys))
    for (path, hash) in state.large { repository.files[path] = state.objects[hash] ?? [] }
    var answer = repository.listing.object ?? [:]
    answer["sha"] = .string(Self.commit(state.commits))
    answer["private"] = .bool(state.isPrivate)
    return Answer(200, text: JSON.object(answer).text)
  }

  private func object(_ wanted: JSON, _ host: String, _ state: State) -> JSON {
    let (hash, size) = (wanted["oid"]?.string ?? "", wanted["size"]?.int ?? 0)
    let own: JSON = ["oid": .string(hash), "size": .integer(size)]
    guard state.objects[hash] == nil else { return own }
    var header: TextKeyed<JSON> = [:]
    var address = "\(host)/store/\(hash)"
    if size > partSize {
      let count = (size + partSize - 1) / partSize
      for number in 1...count { header[String(format: "%05d", number)] = .string("\(host)/part/\(hash)/\(number)") }
      header["chunk_size"] = .string(String(partSize))
      address = "\(host)/complete/\(hash)"
    }
    let actions: JSON = [
      "upload": ["href": .string(address), "header": .object(header)],
      "verify": ["href": .string("\(host)/verify/\(hash)")],
    ]
    return ["oid": .string(hash), "size": .integer(size), "actions": actions]
  }

  private func store(_ request: Request, _ place: [String], _ state: inout State) -> Answer {
    guard place.count >= 2 else { return Answer(404) }
    let hash = place[1]
    switch (request.method, place[0]) {
    case ("PUT", "store"):
      state.objects[hash] = request.body
      return Answer(200)
    case ("PUT", "part"):
      let number = Int(place[2]) ?? 0
      state.parts[hash, default: [:]][number] = request.body
      return Answer(200, headers: ["etag": "\"part-\(number)\""])
    case ("POST", "complete"):
      let parts = state.parts[hash] ?? [:]
      let tags = (json(request)["parts"]?.array ?? []).map { $0["etag"]?.string ?? "" }
      guard tags == (1...max(1, parts.count)).map({ "\"part-\($0)\"" }) else { return Answer(400) }
      state.objects[hash] = parts.sorted { $0.key < $1.key }.flatMap(\.value)
      return Answer(200, text: "{}")
    case ("POST", "verify"):
      let bytes = state.objects[hash] ?? []
      return Answer(TestRepository.hash(bytes) == hash ? 200 : 400, text: "{}")
    default: return Answer(404)
    }
  }

  private func commit(_ request: Request, _ state: inout State) -> Answer {
    let lines = String(decoding: request.body, as: UTF8.self).split(separator: "\n").compactMap {
      try? JSON(parsing: String($0))
    }
    guard let header = lines.first?["value"], header["parentCommit"]?.string == Self.commit(state.commits) else {
      return Answer(412, text: "{}")
    }
    for line in lines.dropFirst() {
      let (value, path) = (line["value"], line["value"]?["path"]?.string ?? "")
      if line["key"] == "lfsFile" {
        let hash = value?["oid"]?.string ?? ""
        guard let bytes = state.objects[hash], bytes.count == value?["size"]?.int else { return Answer(400) }
        state.large[path] = hash
        state.files?[path] = bytes
      } else {
        guard let content = Data(base64Encoded: value?["content"]?.string ?? "-") else { return Answer(400) }
        state.large[path] = nil
        state.files?[path] = Array(content)
      }
    }
    state.commits += 1
    return Answer(200, text: JSON.object(["commitOid": .string(Self.commit(state.commits)), "commitUrl": "x"]).text)
  }
}
