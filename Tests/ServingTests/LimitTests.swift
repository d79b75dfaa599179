import Serving
import Testing

@Suite(.serialized) struct LimitTests {
  let request = #"{"prompt": "a"}"#
  let slow = ScriptedModel(Array(repeating: "word ", count: 1000), pause: .milliseconds(20))

  @Test func bodies() async throws {
    try await RunningServer.with(settings: { $0.maximumBodyBytes = 1000 }) { server in
      let long = "{\"prompt\": \"\(String(repeating: "a", count: 2000))\"}"
      let reply = try await server.post("/v1/completions", long)
      #expect(reply.status == 413)
      #expect(reply.error.code == "body_too_large")
      let chunked =
        "POST /v1/completions HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Type: application/json\r\n"
        + "Transfer-Encoding: chunked\r\n\r\n7d0\r\n\(String(repeating: "a", count: 2000))\r\n0\r\n\r\n"
      let second = try await Reply(server.exchange(chunked))
      #expect(second.status == 413)
    }
  }

  @Test func lyingLengths() async throws {
    try await RunningServer.with(settings: { $0.clientTime = .seconds(1) }) { server in
      func head(_ length: String) -> String {
        "POST /v1/completions HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: \(length)\r\n\r\n"
      }
      // Too long: the rest never comes.
      let tooLong = try await Reply(server.exchange(head("400") + request))
      #expect(tooLong.status == 408)
      // Too short: what is left is no request.
      let short = try await server.exchange(head("5") + request)
      #expect(short.contains("HTTP/1.1 400"))
      for length in ["-1", "99999999999999999999999", "abc"] {
        let reply = try await server.exchange(head(length) + request)
        #expect(reply.hasPrefix("HTTP/1.1 4"), "\(reply)")
      }
      let health = try await server.get("/health")
      #expect(health.status == 200)
    }
  }

  @Test func slowAndHalfRequestsAreClosed() async throws {
    try await RunningServer.with(settings: { $0.clientTime = .seconds(1) }) { server in
      for beginning in ["", "GET /hea", "POST /v1/completions HTTP/1.1\r\nHost: x"] {
        let reply = try await server.exchange(beginning)
        #expect(!reply.contains("200"))
      }
      let long = "GET /health HTTP/1.1\r\nHost: localhost\r\nX: \(String(repeating: "a", count: 100_000))\r\n\r\n"
      let reply = try await server.exchange(long)
      #expect(!reply.contains("200"))
    }
  }

  @Test func theQueue() async throws {
    try await RunningServer.with(["model": slow], settings: { $0.maximumAnswers = 2 }) { server in
      let first = try await server.connect()
      await first.send(post(#"{"prompt": "a", "n": 2, "stream": true}"#))
      #expect(await first.read().contains("200"))
      let reply = try await server.post("/v1/completions", request)
      #expect(reply.status == 429 && reply.head.lowercased().contains("retry-after: "))
      #expect(reply.error.code == "queue_full")
      let tooMany = try await server.post("/v1/completions", #"{"prompt": "a", "n": 3}"#)
      #expect(tooMany.status == 400)
      first.leave()
      try await eventually { slow.runningCount == 0 }
      let metrics = try await server.get("/metrics")
      #expect(metrics.body.contains("caravan_answers_in_flight 0\n"))
    }
  }

  @Test func aVanishedClientFreesItsPlace() async throws {
    try await RunningServer.with(["model": slow]) { server in
      let waiting = try await server.connect()
      await waiting.send(post(request))
      try await eventually { slow.runningCount == 1 }
      waiting.leave()
      try await eventually { slow.runningCount == 0 }
      try await eventually { server.log.all.contains { $0.contains("\"status\": 499") } }
    }
  }

  @Test func longReadingHoldsUpNobody() async throws {
    let model = ScriptedModel()
    try await RunningServer.with(["model": model], settings: { $0.answerTime = .seconds(2) }) { server in
      let sloth = #"{"messages": [{"role": "sloth", "content": ""}]}"#
      let waiting = try await server.connect()
      await waiting.send(post(sloth, to: "/v1/chat/completions"))
      try await eventually { model.readingCount == 1 }
      // Gone before its time is up.
      waiting.leave()
      try await eventually { model.readingCount == 0 }
      try await withThrowingTaskGroup { group in
        for _ in 0..<64 { group.addTask { try await server.post("/v1/chat/completions", sloth).status } }
        try await eventually { model.readingCount > 0 }
        let start = ContinuousClock.now
        #expect(try await server.get("/health").status == 200)
        #expect(ContinuousClock.now - start < .seconds(1))
        for try await status in group { #expect(status == 504) }
      }
    }
  }

  @Test func time() async throws {
    try await RunningServer.with(["model": slow], settings: { $0.answerTime = .milliseconds(300) }) { server in
      let reply = try await server.post("/v1/completions", request)
      #expect(reply.status == 504)
      #expect(reply.error.code == "timeout")
      let stream = try await server.post("/v1/completions", #"{"prompt": "a", "stream": true}"#)
      #expect(stream.status == 200)
      #expect(stream.events.last?.contains("\"code\": \"timeout\"") == true)
      try await eventually { slow.runningCount == 0 }
    }
  }

  @Test func aClientThatReadsNothingIsClosed() async throws {
    let fast = ScriptedModel(Array(repeating: String(repeating: "word ", count: 50_000), count: 99))
    try await RunningServer.with(["model": fast], settings: { $0.clientTime = .seconds(1) }) { server in
      let lazy = try await server.connect()
      await lazy.send(post(#"{"prompt": "a", "stream": true}"#))
      try await eventually { fast.options.count == 1 && fast.runningCount == 0 }
      try await eventually { server.log.all.contains { $0.contains("\"status\": 499") } }
    }
  }

  private func post(_ body: String, to path: String = "/v1/completions") -> String {
    "POST \(path) HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)"
  }
}
