import JSON
import Rewards
import Serving
import Testing
import Text

/// A reward of as many points as the answer has letters; it fails on "fail".
struct ScriptedReward: ServedReward {
  let name = "judge"

  func rewards(for answers: [RewardedAnswer]) async throws -> [RewardOutcome] {
    answers.map { answer in
      switch answer.text {
      case "fail": .failed("no")
      case "skip": .notMine
      default: .reward(Double(Float(answer.text.count) + 0.1))
      }
    }
  }
}

@Suite struct ScoreTests {
  @Test func answersAndConversations() async throws {
    try await RunningServer.with([:], reward: ScriptedReward()) { server in
      let reply = try await server.post(
        "/v1/score",
        #"""
        {"answers": [{"prompt": "Hi", "answer": "abc"}, {"prompt": [{"role": "user", "content": "Hi"}], "answer": "fail"},
          {"prompt": [], "answer": "skip", "ended": false, "tokens": 3, "record": {"a": 1}}]}
        """#)
      #expect(reply.json == ["model": "judge", "rewards": [3.1, ["error": "no"], .null]])
      let turns = #"[{"role": "user", "content": "Hi"}, {"role": "assistant", "content": "four"}]"#
      for (messages, rewards) in [(turns, [4.1]), ("[\(turns), \(turns)]", [4.1, 4.1])] as [(String, [Double])] {
        let reply = try await server.post("/v1/score", #"{"messages": \#(messages)}"#)
        #expect(reply.json["rewards"]?.array?.map(\.double) == rewards)
      }
      // There is no model to talk to.
      let chat = try await server.post("/v1/chat/completions", #"{"messages": [{"role": "user", "content": "Hi"}]}"#)
      #expect(chat.status == 404 && chat.error.message == "this server has no model that answers")
      #expect(try await server.get("/metrics").body.contains("caravan_scores_total 4\n"))
    }
  }

  @Test func whatIsNoRequest() async throws {
    try await RunningServer.with([:], reward: ScriptedReward()) { server in
      let one = #"{"prompt": "a", "answer": "b"}"#
      let many = Array(repeating: one, count: 65).joined(separator: ",")
      for body in [
        "{}", #"{"answers": []}"#, #"{"answers": [1]}"#, #"{"answers": [{"prompt": "a"}]}"#, #"{"messages": []}"#,
        #"{"answers": [{"answer": "a"}]}"#, #"{"answers": [\#(one)], "messages": []}"#, #"{"answers": [\#(many)]}"#,
        #"{"messages": [{"role": "user", "content": "a"}]}"#, #"{"messages": [[]]}"#, #"{"messages": 3}"#,
        #"{"answers": [{"prompt": "a", "answer": "b", "record": 3}]}"#,
      ] {
        let reply = try await server.post("/v1/score", body)
        #expect(reply.status == 400, "\(body): \(reply.body)")
      }
      #expect(try await server.get("/v1/score").status == 405)
    }
    try await RunningServer.with { server in
      let reply = try await server.post("/v1/score", "{}")
      #expect(reply.status == 404 && reply.error.code == "no_reward")
    }
  }

  @Test func oneServerIsAnothersReward() async throws {
    try await RunningServer.with([:], reward: ScriptedReward()) { server in
      let endpoint = try RewardEndpoint("http://127.0.0.1:\(server.port)/v1/score")
      let answers = ["abc", "skip", "fail"].map {
        RewardedAnswer(prompt: [Message(role: "user", content: "Hi")], text: $0, columns: ["ground_truth": 3])
      }
      #expect(try endpoint.rewards(for: answers) == [.reward(3.1), .notMine, .failed("no")])
    }
  }
}
