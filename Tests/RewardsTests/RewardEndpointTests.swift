import JSON
import Testing
import Text

@testable import Rewards

/// Services that say what answers are worth, good ones and bad ones.
@Suite(.timeLimit(.minutes(2))) struct RewardEndpointTests {
  private static func outcomes(_ replies: [String], _ count: Int = 2, limit: Duration = .seconds(20)) throws -> (
    outcomes: [RewardOutcome], bodies: [String]
  ) {
    let server = try TinyServer(replies)
    let answers = (0..<count).map {
      RewardedAnswer(
        prompt: [Message(role: "user", content: "2 + 2?")], text: "\($0)", tokens: [4, 2],
        columns: ["ground_truth": "4"])
    }
    let outcomes = try RewardEndpoint(server.address, limit: limit, pause: .milliseconds(1)).rewards(for: answers)
    return (outcomes, server.bodies)
  }

  @Test func aServiceGetsAnswersAndRewardsThem() throws {
    let (outcomes, bodies) = try Self.outcomes([TinyServer.reply(#"{"rewards": [0.5, null]}"#)])
    #expect(outcomes == [.reward(0.5), .notMine])
    #expect(
      bodies == [
        #"""
        {"answers": [{"prompt": [{"role": "user", "content": "2 + 2?"}], "answer": "0", "ended": true, "tokens": 2, "record": {"ground_truth": "4"}}, {"prompt": [{"role": "user", "content": "2 + 2?"}], "answer": "1", "ended": true, "tokens": 2, "record": {"ground_truth": "4"}}]}
        """#
      ])
    let mixed = try Self.outcomes([TinyServer.reply(#"{"rewards": [NaN, {"error": "no luck"}]}"#)]).outcomes
    #expect(mixed == [.failed("the reward is nan, not a finite number"), .failed("no luck")])
  }

  @Test func manyAnswersAreSeveralRequests() throws {
    func reply(_ count: Int) -> String {
      TinyServer.reply("{\"rewards\": [\(Array(repeating: "1", count: count).joined(separator: ","))]}")
    }
    let (outcomes, bodies) = try Self.outcomes([reply(64), reply(64), reply(2)], 130)
    #expect(outcomes == Array(repeating: .reward(1), count: 130) && bodies.count == 3)
  }

  @Test func whatPassesIsTriedAgain() throws {
    let good = TinyServer.reply(#"{"rewards": [1, 2]}"#)
    let busy = try Self.outcomes([
      TinyServer.reply("", status: "503 Busy"), "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{", good,
    ])
    #expect(busy.outcomes == [.reward(1), .reward(2)] && busy.bodies.count == 3)
    let down = try Self.outcomes([TinyServer.reply("", status: "429 Slow")], 100)
    #expect(down.outcomes == Array(repeating: .failed("the service replied with status 429"), count: 100))
    #expect(down.bodies.count == 3)
  }

  @Test(arguments: [
    (TinyServer.reply("", status: "404 None"), "replied with status 404"),
    ("HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n", "replied with status 302"),
    (TinyServer.reply("nonsense"), "replied 'nonsense', which is not JSON"),
    (TinyServer.reply("[1, 2]"), "replied without a list of 'rewards'"),
    (TinyServer.reply(#"{"rewards": [1]}"#), "replied with 1 rewards for 2 answers"),
    (TinyServer.reply(String(repeating: " ", count: 3 << 20)), "replied with more than 1 MiB"),
    ("", "gave no reply within 0.3 seconds"),
  ])
  func hostileServicesOnlyFail(reply: String, reason: String) throws {
    let outcomes = try Self.outcomes([reply], limit: .milliseconds(reply.isEmpty ? 300 : 20_000)).outcomes
    #expect(outcomes == Array(repeating: .failed("the service \(reason)"), count: 2))
  }

  @Test func whatCannotBeAService() throws {
    for address in ["", "localhost:8000", "ftp://localhost/", "http://"] {
      #expect(
        throws: RewardError("'\(address)' is no address of a service; give one such as http://localhost:8000/rewards")
      ) {
        try RewardEndpoint(address)
      }
    }
    // Nobody listens there.
    let outcomes = try RewardEndpoint("http://127.0.0.1:1/", limit: .seconds(5), pause: .milliseconds(1))
      .rewards(for: [RewardedAnswer(prompt: [], text: "")])
    #expect(outcomes == [.failed("the service cannot be asked: Couldn't connect to server")])
  }
}
