import Datasets
import Foundation
import JSON
import Serving
import TestSupport
import Testing

@Suite struct VoteTests {
  let models = ["after": ScriptedModel(), "before": ScriptedModel()]
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  @Test func votesBecomePairs() async throws {
    let file = folder.path("votes.jsonl")
    try await RunningServer.with(models, votes: file) { server in
      let before = try await server.get("/votes")
      #expect(before.json["votes"] == 0)
      let first = try await server.post("/votes", vote("second", "good\nnews \u{1F42A}", "bad"))
      #expect(first.status == 200)
      let second = try await server.post("/votes", vote("first", "worse", "better"))
      #expect(second.status == 200)
      let score = try await server.post("/votes", vote("tie", "same", "same")).json
      #expect(score["votes"] == 3 && score["ties"] == 1)
      #expect(score["models"]?.array?.map { $0["wins"] } == [1, 1])
      #expect(score["models"]?.array?[0]["share"] == 0.5)
      #expect(throws: VoteFileError.self) { try VoteBook(path: file, models: ["after", "before"]) }
    }
    let pairs = try DatasetReader<PreferencePair>([file]).readAll()
    #expect(pairs.map { $0.chosen.map(\.content) } == [["bad"], ["worse"]])
    #expect(pairs[0].rejected.map(\.content) == ["good\nnews \u{1F42A}"])
    #expect(pairs[0].prompt.map(\.role) == ["system", "user"])
    // What was voted before a start counts on.
    try await untilFree(file)
    try await RunningServer.with(models, votes: file) { server in
      let later = try await server.get("/votes")
      #expect(later.json["votes"] == 3)
    }
  }

  /// Waits until the server that ended has let go of a file of votes.
  private func untilFree(_ file: String) async throws {
    var tries = 0
    while tries < 500, (try? VoteBook(path: file, models: ["after", "before"])) == nil {
      try await Task.sleep(for: .milliseconds(20))
      tries += 1
    }
  }

  @Test func whatWasCutOrIsBadTeachesNothing() async throws {
    let file = folder.path("votes.jsonl")
    try await RunningServer.with(models, votes: file) { server in
      let cut = vote("first", "half a wo", "whole").replacingOccurrences(
        of: #""half a wo""#, with: #""half a wo", "finish_reason": "length""#)
      let score = try await server.post("/votes", cut).json
      #expect(score["votes"] == 1 && score["models"]?.array?.map { $0["wins"] } == [1, 0])
      let bad = try await server.post("/votes", vote("both_bad", "a", "b")).json
      #expect(bad["votes"] == 2 && bad["ties"] == 1)
      let unknown = try await server.post("/votes", cut.replacingOccurrences(of: "length", with: "tired"))
      #expect(unknown.status == 400)
    }
    #expect(FileManager.default.contents(atPath: file) == Data())
    func line(_ suffix: String) throws -> JSON { try JSON(parsing: folder.text("votes.jsonl" + suffix)) }
    let kept = try line(".cut")
    #expect(kept["chosen_cut"] == true && kept["rejected_cut"] == false && kept["chosen_model"] == "after")
    #expect(try line(".ties")["choice"] == "both_bad")
    // They count on after a start.
    try await untilFree(file)
    try await RunningServer.with(models, votes: file) { server in
      let later = try await server.get("/votes")
      #expect(later.json["votes"] == 2)
    }
  }

  @Test func answersThatCallToolsBecomePairsWithTheTools() async throws {
    let file = folder.path("votes.jsonl")
    func call(_ id: String, _ city: String) -> JSON {
      [
        "id": .string(id), "type": "function",
        "function": ["name": "weather", "arguments": .string("{\"city\": \"\(city)\"}")],
      ]
    }
    func body(_ choice: String, _ first: JSON, _ second: JSON) -> String {
      let prompt: JSON = [
        ["role": "user", "content": "How is the weather?"],
        ["role": "assistant", "content": "", "tool_calls": [call("aaaaaaaaa", "Bergen")]],
        ["role": "tool", "tool_call_id": "aaaaaaaaa", "name": "weather", "content": "rain"],
      ]
      let answers = [("after", first), ("before", second)].map { model, calls -> JSON in
        ["model": .string(model), "content": "", "tool_calls": calls, "finish_reason": "tool_calls"]
      }
      let body: JSON = [
        "prompt": prompt, "answers": .array(answers), "choice": .string(choice),
        "tools": [["type": "function", "function": ["name": "weather"]]],
      ]
      return body.text
    }
    try await RunningServer.with(models, votes: file) { server in
      let kept = try await server.post(
        "/votes", body("second", [call("bbbbbbbbb", "Oslo")], [call("ccccccccc", "Rome")]))
      #expect(kept.status == 200)
      // Only the names differ, which are made up.
      let same = body("first", [call("bbbbbbbbb", "Oslo")], [call("ccccccccc", "Oslo")])
      let refused = try await server.post("/votes", same)
      #expect(refused.status == 400 && refused.error.field == "choice")
      let tie = try await server.post("/votes", same.replacingOccurrences(of: "\"first\"", with: "\"tie\""))
      #expect(tie.status == 200)
      let nameless = try await server.post("/votes", body("first", [["function": [:]]], [call("ccccccccc", "Rome")]))
      #expect(nameless.status == 400 && nameless.error.field == "answers[0].tool_calls[0].function.name")
    }
    let pair = try #require(try DatasetReader<PreferencePair>([file]).readAll().first)
    #expect(pair.prompt.map(\.role) == ["user", "assistant", "tool"])
    #expect(pair.context.tools.compactMap { $0["function"]?["name"] } == ["weather"])
    #expect(pair.chosen[0].toolCalls.map { $0["function"]?["arguments"] } == [["city": "Rome"]])
    #expect(pair.rejected[0].toolCalls.map { $0["id"] } == ["bbbbbbbbb"])
    #expect(pair.remark == nil)
  }

  @Test func badVotesAreRefused() async throws {
    let file = folder.path("votes.jsonl")
    try await RunningServer.with(models, votes: file) { server in
      for body in [
        "{}", vote("third", "a", "b"), vote("first", "same", "same"),
        vote("first", "a", "b").replacingOccurrences(of: "\"before\"", with: "\"after\""),
        vote("first", "a", "b").replacingOccurrences(of: "\"user\"", with: "\"assistant\""),
      ] {
        let reply = try await server.post("/votes", body)
        #expect(reply.status == 400)
      }
      let plain = try await server.post("/votes", vote("tie", "a", "b"), type: "text/plain")
      #expect(plain.status == 415)
    }
    #expect(FileManager.default.contents(atPath: file) == Data())
  }

  @Test(arguments: ["{\"prompt\": \"half", "{}\nno json\n"])
  func brokenFilesAreRefused(content: String) throws {
    let file = try folder.write("votes.jsonl", content).path
    #expect(throws: VoteFileError.self) { try VoteBook(path: file, models: ["a", "b"]) }
    #expect(FileManager.default.contents(atPath: file) == Data(content.utf8))
  }

  private func vote(_ choice: String, _ after: String, _ before: String) -> String {
    let body: JSON = [
      "prompt": [["role": "system", "content": "Be kind."], ["role": "user", "content": "News?"]],
      "answers": [
        ["model": "after", "content": .string(after)], ["model": "before", "content": .string(before)],
      ], "choice": .string(choice),
    ]
    return body.text
  }
}
