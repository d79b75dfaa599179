import JSON
import Testing

@testable import Serving

/// What judges say, and what is made of it.
@Suite struct ModerationJudgeTests {
  private func ends(_ text: String) -> [Int] {
    var ends = SentenceEnds()
    return text.unicodeScalars.enumerated().compactMap { index, scalar in
      ends.take(scalar).map { $0 == .before ? index : index + 1 }
    }
  }

  @Test func sentencesEndWhereTheyEnd() {
    #expect(ends("One. Two") == [4])
    #expect(ends("3.14 is pi. ") == [11])
    #expect(ends("\"No!\" he said… then") == [5, 14])
    #expect(ends("a\n\n\nb\r\n") == [1, 5])
    #expect(ends("好。吗？") == [2, 4])
    #expect(ends("no end") == [] && ends(" . ") == [2])
  }

  @Test func serviceRepliesThatAreNoVerdicts() throws {
    func verdicts(_ reply: String, count: Int = 1) throws -> [ModerationVerdict] {
      try ModerationEndpoint.verdicts(in: Array(reply.utf8), count: count)
    }
    #expect(try verdicts(#"{"results": [{"flagged": false}]}"#) == [ModerationVerdict(isFlagged: false)])
    // A service that contradicts itself.
    #expect(try verdicts(#"{"results": [{"flagged": false, "categories": {"violence": true}}]}"#)[0].isFlagged)
    for reply in [
      "bad", "", "{}", "[]", #"{"results": []}"#, #"{"results": {}}"#, #"{"results": [{}]}"#, #"{"results": [true]}"#,
      #"{"results": [{"flagged": "false"}]}"#, #"{"results": [{"flagged": 0}]}"#, #"{"results": [{"flagged": NaN}]}"#,
      #"{"results": [{"flagged": false}, {"flagged": false}]}"#, #"{"results": [{"flagged": null}]}"#,
    ] {
      #expect(throws: ModerationError.self) { try verdicts(reply) }
    }
    for address in ["", "ftp://a", "http://", "a folder"] {
      #expect(throws: ModerationError.self) { try ModerationEndpoint(address) }
    }
  }

  @Test func aServiceThatIsDown() async throws {
    let endpoint = try ModerationEndpoint("http://127.0.0.1:1/v1/moderations", limit: .seconds(5))
    await #expect(throws: ModerationError.self) { try await endpoint.verdicts(on: ["a"]) }
  }

  @Test func aServiceThatIsTooSlow() async throws {
    try await RunningServer.with(moderator: ScriptedModerator(pause: .seconds(60))) { slow in
      let address = "http://127.0.0.1:\(slow.port)/v1/moderations"
      let endpoint = try ModerationEndpoint(address, limit: .milliseconds(200))
      try await RunningServer.with(moderator: endpoint) { server in
        let chat = #"{"messages": [{"role": "user", "content": "Hi"}]}"#
        let reply = try await server.post("/v1/chat/completions", chat)
        #expect(reply.status == 503 && !reply.body.contains("Hello"))
        #expect(reply.error.message?.hasPrefix("the moderation service gave no reply within 0.2 seconds") == true)
      }
    }
  }

  @Test func oneServerIsAnothersJudge() async throws {
    try await RunningServer.with(moderator: ScriptedModerator()) { judge in
      // Whatever else the machine does meanwhile.
      let endpoint = try ModerationEndpoint("http://127.0.0.1:\(judge.port)/v1/moderations", limit: .seconds(300))
      #expect(try await endpoint.verdicts(on: ["a", "bad"]).map(\.isFlagged) == [false, true])
      #expect(try await endpoint.verdicts(on: ["bad"]).map(\.isFlagged) == [true])
      await #expect(throws: ModerationError.self) { try await endpoint.verdicts(on: ["fail"]) }
    }
  }

  @Test func labelsThatAreUnsafe() throws {
    // Softmax of 0 and log 3: a quarter and three quarters.
    let logits: [Float] = [0, 1.0986123]
    let two = try ModerationLabels(["LABEL_0", "LABEL_1"]).verdict(logits)
    #expect(two.isFlagged && two.categories.map(\.name) == ["LABEL_1"])
    #expect(abs((two.categories[0].score ?? 0) - 0.75) < 1e-6)
    #expect(try !ModerationLabels(["unsafe", "Safe"]).verdict(logits).isFlagged)
    #expect(try !ModerationLabels(["ok", "toxic"], threshold: 0.8).verdict(logits).isFlagged)
    #expect(try ModerationLabels(["a", "b"], unsafe: ["b"]).verdict(logits).isFlagged)
    // Several unsafe labels together: 3 / 4.
    #expect(try ModerationLabels(["safe", "a", "b"], threshold: 0.6).verdict([0, 0.4054651, 0.4054651]).isFlagged)
    // One label: a sigmoid.
    #expect(try ModerationLabels(["LABEL_0"]).verdict([0.1]).isFlagged)
    #expect(try !ModerationLabels(["LABEL_0"]).verdict([-0.1]).isFlagged)
    #expect(try ModerationLabels(["safe"]).verdict([-0.1]).categories[0].name == "unsafe")
    // Independent labels: none reaches one half.
    #expect(try !ModerationLabels(["a", "b"], areIndependent: true).verdict([-0.1, -0.1]).isFlagged)
    #expect(try ModerationLabels(["a", "b"], areIndependent: true).verdict([-9, 0.1]).isFlagged)
  }

  @Test func labelsThatJudgeNothing() throws {
    for labels in [["safe", "ok"], ["a", "b"]] {
      #expect(throws: ModerationError.self) { try ModerationLabels(labels) }
    }
    #expect(throws: ModerationError("the classifier has no label 'c'; it has 'a', 'b'")) {
      try ModerationLabels(["a", "b"], unsafe: ["c"])
    }
    for logits: [Float] in [[.nan, 0], [0, .infinity], [0], []] {
      #expect(throws: ModerationError.self) { try ModerationLabels(["safe", "a"]).verdict(logits) }
    }
  }
}
