import Foundation
import Logging
import Serving
import Synchronization
import Testing

/// A server on a free port of this machine.
struct RunningServer {
  let port: Int
  let log: LogLines

  /// Runs `body` against a server, then ends it.
  static func with(
    _ models: [String: ScriptedModel] = ["model": ScriptedModel()], votes: String? = nil,
    ratings: String? = nil, moderator: (any Moderator)? = nil, reward: (any ServedReward)? = nil,
    settings change: (inout ServerSettings) -> Void = { _ in }, _ body: (RunningServer) async throws -> Void
  ) async throws {
    var settings = ServerSettings()
    settings.port = 0
    change(&settings)
    let log = LogLines()
    let names = models.keys.sorted()
    let server = ModelServer(
      models: names.compactMap { name in models[name].map { .init(name: name, model: $0) } }, settings: settings,
      votes: try votes.map { try VoteBook(path: $0, models: names) },
      ratings: try ratings.map { try RatingBook(path: $0) },
      moderator: moderator, reward: reward,
      log: Logger(label: "test") { _ in JSONLogHandler { log.append($0) } })
    let (ports, found) = AsyncStream.makeStream(of: Int.self)
    let task = Task {
      defer { found.finish() }
      try await server.run(handlingSignals: false) { found.yield($0) }
    }
    defer { task.cancel() }
    var iterator = ports.makeAsyncIterator()
    let port = try #require(await iterator.next())
    try await body(RunningServer(port: port, log: log))
  }

  func get(_ path: String, headers: String = "") async throws -> Reply {
    try await Reply(exchange("GET \(path) HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\(headers)\r\n"))
  }

  func post(_ path: String, _ body: String, type: String = "application/json", headers: String = "") async throws
    -> Reply
  {
    try await Reply(
      exchange(
        "POST \(path) HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\nContent-Type: \(type)\r\n"
          + "Content-Length: \(body.utf8.count)\r\n\(headers)\r\n\(body)"))
  }

  /// Sends bytes as they are, and returns all that comes back until the server closes.
  func exchange(_ text: String) async throws -> String {
    let connection = try await connect()
    await connection.send(text)
    return await connection.readAll()
  }

  func connect() async throws -> RawConnection { try await RawConnection(port: port) }
}

/// The lines that a server logged.
final class LogLines: Sendable {
  private let lines = Mutex<[String]>([])
  var all: [String] { lines.withLock(\.self) }
  func append(_ line: String) { lines.withLock { $0.append(line) } }
}

/// Waits for something that another task does.
func eventually(
  sourceLocation: SourceLocation = #_sourceLocation, _ condition: () async throws -> Bool
) async throws {
  for _ in 0..<500 {
    if try await condition() { return }
    try await Task.sleep(for: .milliseconds(20))
  }
  #expect(try await condition(), sourceLocation: sourceLocation)
}
