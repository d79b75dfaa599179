import Foundation
import JSON
import Synchronization
import Testing

@testable import Serving

/// What HTTP itself asks of the server.
@Suite struct HTTPTests {
  let body = #"{"prompt": "a"}"#

  private func head(_ headers: String, path: String = "/v1/completions", version: String = "1.1") -> String {
    "POST \(path) HTTP/\(version)\r\nHost: localhost\r\nContent-Type: application/json\r\n\(headers)\r\n"
  }

  @Test func aBodyIsAskedForWhereTheClientWaits() async throws {
    try await RunningServer.with(settings: { $0.maximumBodyBytes = 100 }) { server in
      let connection = try await server.connect()
      await connection.send(head("Expect: 100-continue\r\nConnection: close\r\nContent-Length: 15\r\n"))
      #expect(await connection.read() == "HTTP/1.1 100 Continue\r\n\r\n")
      await connection.send(body)
      #expect(await connection.readAll().hasPrefix("HTTP/1.1 200"))
      let long = try await Reply(
        server.exchange(head("Expect: 100-continue\r\nConnection: close\r\nContent-Length: 101\r\n")))
      #expect(long.status == 413)
      let other = try await Reply(server.exchange(head("Expect: a miracle\r\nContent-Length: 15\r\n") + body))
      #expect(other.status == 417)
    }
  }

  @Test func oldClientsFindTheEndByTheConnections() async throws {
    try await RunningServer.with { server in
      let whole = try await server.exchange(head("Content-Length: 15\r\n", version: "1.0") + body)
      #expect(whole.hasPrefix("HTTP/1.0 200") && whole.contains("Hello"))
      let request = #"{"prompt": "a", "stream": true}"#
      let stream = try await Reply(
        server.exchange(head("Content-Length: \(request.utf8.count)\r\n", version: "1.0") + request))
      #expect(!stream.head.lowercased().contains("chunked") && stream.body.hasSuffix("data: [DONE]\n\n"))
      #expect(stream.body.hasPrefix("data: "))
    }
  }

  @Test func headsThatAreWrongOrTooLong() async throws {
    try await RunningServer.with { server in
      let two = try await Reply(server.exchange("GET /health HTTP/1.1\r\nHost: localhost\r\nHost: localhost\r\n\r\n"))
      #expect(two.status == 400 && two.error.message == "there is more than one header Host")
      for count in [20_000, 100_000] {
        let long = "GET /health HTTP/1.1\r\nHost: localhost\r\nX: \(String(repeating: "a", count: count))\r\n\r\n"
        let reply = try await Reply(server.exchange(long))
        #expect(reply.status == 431)
      }
      let fields = (0..<200).map { "X\($0): a\r\n" }.joined()
      let many = try await Reply(server.exchange("GET /health HTTP/1.1\r\nHost: localhost\r\n\(fields)\r\n"))
      #expect(many.status == 431)
    }
  }

  @Test func aSlowHeadIsToldSo() async throws {
    try await RunningServer.with(settings: { $0.clientTime = .seconds(1) }) { server in
      for beginning in ["GET /hea", "POST /v1/completions HTTP/1.1\r\nHost: x", head("Content-Length: 15\r\n")] {
        let reply = try await Reply(server.exchange(beginning))
        #expect(reply.status == 408)
      }
    }
  }

  @Test func aSlowHeadAfterAPauseIsToldSo() async throws {
    try await RunningServer.with(settings: { $0.clientTime = .seconds(2) }) { server in
      // A connection may be idle for a second longer; a busy machine may need several tries to keep to that.
      for _ in 0..<10 {
        let connection = try await server.connect()
        let start = ContinuousClock.now
        try await Task.sleep(for: .milliseconds(2100))
        await connection.send("GET /hea")
        guard ContinuousClock.now - start < .milliseconds(2700) else { continue }
        #expect(try await Reply(connection.readAll()).status == 408)
        return
      }
      Issue.record("no pause was as short as was asked for")
    }
  }

  @Test func pathsWithTwoSlashesAndBodiesWithMarks() async throws {
    try await RunningServer.with { server in
      let double = try await server.post("//v1/completions", body)
      #expect(double.status == 200)
      let marked = try await server.post("/v1/completions", "\u{FEFF}" + body)
      #expect(marked.status == 200)
      let zipped = try await server.post("/v1/completions", body, headers: "Content-Encoding: gzip\r\n")
      #expect(zipped.status == 415)
    }
  }

  @Test func aClientThatBreaksOffIsNoFault() async throws {
    try await RunningServer.with { server in
      for beginning in [
        head("Content-Length: 15\r\n") + "{", head("Transfer-Encoding: chunked\r\n") + "5\r\n{\"pro\r\n",
      ] {
        let connection = try await server.connect()
        await connection.send(beginning)
        try await Task.sleep(for: .milliseconds(50))
        connection.leave()
      }
      try await eventually { server.log.all.count == 2 }
      #expect(server.log.all.allSatisfy { $0.contains("\"status\": 499") }, "\(server.log.all)")
    }
  }

  @Test func hostsAndOriginsThatAreAllowed() async throws {
    let ask =
      "OPTIONS /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
      + "Access-Control-Request-Method: POST\r\nAccess-Control-Request-Headers: content-type, x-own\r\n"
    let change: (inout ServerSettings) -> Void = {
      $0.allowedHosts = ["Caravan.local"]
      $0.allowedOrigins = ["https://good.example"]
    }
    try await RunningServer.with(settings: change) { server in
      let named = try await Reply(
        server.exchange("GET /v1/models HTTP/1.1\r\nHost: caravan.local:80\r\nConnection: close\r\n\r\n"))
      #expect(named.status == 200)
      let other = try await Reply(
        server.exchange("GET /v1/models HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n"))
      #expect(other.error.message == "the host 'evil.example' is not this server's; ''allow-host' NAME' allows a name")
      let good = try await Reply(server.exchange(ask + "Origin: https://good.example\r\n\r\n"))
      #expect(good.status == 204)
      for header in [
        "access-control-allow-origin: https://good.example", "access-control-allow-headers: content-type, x-own",
      ] { #expect(good.head.lowercased().contains(header)) }
      let evil = try await Reply(server.exchange(ask + "Origin: https://evil.example\r\n\r\n"))
      #expect(evil.status == 403 && evil.error.message?.contains("''allow-origin' ORIGIN'") == true)
      #expect(!evil.head.lowercased().contains("access-control"))
      let wrong = try await server.post("/v1/completions", "{}", headers: "Origin: https://good.example\r\n")
      #expect(wrong.status == 400 && wrong.head.lowercased().contains("access-control-allow-origin"))
    }
  }

  @Test func connectionsOfOneClient() async throws {
    try await RunningServer.with(settings: { $0.maximumConnectionsOfClient = 2 }) { server in
      let held = [try await server.connect(), try await server.connect()]
      try await eventually { try await server.get("/health").status == 429 }
      held[0].leave()
      try await eventually { try await server.get("/health").status == 200 }
    }
  }

  @Test func bodiesAreBoundedTogether() async throws {
    let change: (inout ServerSettings) -> Void = {
      $0.maximumBodyBytes = 1000
      $0.maximumHeldBytes = 1000
    }
    try await RunningServer.with(settings: change) { server in
      let long = "{\"prompt\": \"a\"}" + String(repeating: " ", count: 200)
      var slow = try await server.connect()
      // Where the short body comes first after all, it is the slow one that is refused.
      try await eventually {
        slow.leave()
        slow = try await server.connect()
        await slow.send(head("Content-Length: 950\r\n") + String(repeating: " ", count: 900))
        try await Task.sleep(for: .milliseconds(100))
        let reply = try await server.post("/v1/completions", long)
        return reply.status == 503 && reply.error.code == "memory_full"
      }
      slow.leave()
      try await eventually { try await server.post("/v1/completions", long).status == 200 }
    }
  }

  @Test func whatClientsSendIsNotRepeatedAtAnyLength() async throws {
    try await RunningServer.with { server in
      let long = String(repeating: "x", count: 10_000)
      let reply = try await server.post("/v1/completions", #"{"prompt": "a", "model": "\#(long)"}"#)
      #expect(reply.status == 404 && reply.body.utf8.count < 1000)
      let path = try await server.get("/" + long)
      #expect(path.body.utf8.count < 1000)
      try await eventually { server.log.all.count == 2 }
      #expect(server.log.all.allSatisfy { $0.utf8.count < 1500 })
    }
  }

  @Test func aLogThatNobodyReadsStopsNothing() async throws {
    let pipe = Pipe()
    let queue = LogQueue(descriptor: pipe.fileHandleForWriting.fileDescriptor)
    let line = String(repeating: "a", count: 1 << 20)
    // The first line hangs in the pipe, two more wait behind it, and the rest is counted.
    for _ in 0..<10 { queue.write(line) }
    let read = Mutex("")
    Thread.detachNewThread {
      while case let data = pipe.fileHandleForReading.availableData, !data.isEmpty {
        read.withLock { $0 += String(decoding: data, as: UTF8.self).filter { $0 != "a" } }
      }
    }
    try await eventually { read.withLock { $0.count { $0 == "\n" } } >= 3 }
    queue.write("end")
    try await eventually { read.withLock { $0.contains("end") } }
    let text = read.withLock(\.self)
    // They may be told in parts, as the writing goes on.
    let lost = try text.split(separator: "\n").filter { $0.contains("entries lost") }.map {
      try #require(JSON(parsing: String($0))["count"]?.int)
    }
    #expect(lost.reduce(0, +) == 7, "\(text)")
    try pipe.fileHandleForWriting.close()
  }
}
