import JSON
import Testing

@testable import Serving

/// Nothing that was not judged leaves the server.
@Suite struct ModerationTests {
  private let withheld = "This answer was withheld by the server's moderation."
  private let refused = "This prompt was refused by the server's moderation."

  private func chat(_ text: String = "Hi", _ more: String = "") -> String {
    #"{"messages": [{"role": "user", "content": "\#(text)"}]\#(more)}"#
  }

  /// The texts and the last reason of a stream's parts.
  private func parts(_ reply: Reply) throws -> (texts: [String], finish: String?) {
    let choices = try reply.events.dropLast().compactMap { try JSON(parsing: $0)["choices"]?.array?.first }
    return (
      choices.compactMap { ($0["delta"]?["content"] ?? $0["text"])?.string }.filter { !$0.isEmpty },
      choices.last?["finish_reason"]?.string
    )
  }

  @Test func streamsComeSentenceBySentence() async throws {
    let (judge, model) = (ScriptedModerator(), ScriptedModel(["On", "e. T", "wo", "!\nThr", "ee"]))
    try await RunningServer.with(["model": model], moderator: judge) { server in
      let (texts, finish) = try parts(
        try await server.post("/v1/chat/completions", chat("Hi", #", "stream": true"#)))
      #expect(texts == ["One.", " Two!", "\nThree"])
      #expect(finish == "stop")
      #expect(judge.texts == [["Hi"], ["One."], ["One. Two!"], ["One. Two!\nThree"]])
    }
  }

  @Test func aRefusedSentenceEndsTheAnswer() async throws {
    let model = ScriptedModel(
      ["Good. ", "A bad", " one. ", "More. "] + Array(repeating: "x", count: 50), pause: .milliseconds(5))
    try await RunningServer.with(["model": model], moderator: ScriptedModerator()) { server in
      let reply = try await server.post(
        "/v1/chat/completions", chat("Hi", #", "stream": true, "logprobs": true, "n": 2"#))
      #expect(!reply.body.contains("bad") && !reply.body.contains(" one") && !reply.body.contains("More"))
      for index in 0..<2 {
        let choices = try reply.events.dropLast().compactMap { try JSON(parsing: $0)["choices"]?.array?.first }
          .filter { $0["index"]?.int == index }
        #expect(choices.compactMap { $0["delta"]?["content"]?.string }.joined() == "Good.\n\n" + withheld)
        #expect(choices.last?["finish_reason"] == "content_filter")
      }
      try await eventually { model.runningCount == 0 }
      let whole = try await server.post("/v1/chat/completions", chat("Hi", #", "logprobs": true"#))
      let choice = whole.json["choices"]?.array?[0]
      #expect(choice?["message"]?["content"]?.string == withheld && choice?["finish_reason"] == "content_filter")
      #expect(choice?["logprobs"]?["content"] == [] && !whole.body.contains("bad"))
      let metrics = try await server.get("/metrics").body
      #expect(metrics.contains("caravan_moderation_total{outcome=\"refused_answers\"} 3\n"))
      try await eventually { server.log.all.count >= 3 }
      #expect(server.log.all.contains { $0.contains(#""refused_answers": 2"#) })
      #expect(!server.log.all.contains { $0.contains("bad") })
    }
  }

  @Test func refusedPromptsAreNotAnswered() async throws {
    let model = ScriptedModel()
    try await RunningServer.with(["model": model], moderator: ScriptedModerator()) { server in
      let reply = try await server.post("/v1/chat/completions", chat("a bad thing"))
      #expect(reply.status == 200 && reply.json["choices"]?.array?[0]["message"]?["content"]?.string == refused)
      #expect(reply.json["choices"]?.array?[0]["finish_reason"] == "content_filter")
      let streamed = try await server.post("/v1/chat/completions", chat("bad", #", "stream": true"#))
      #expect(try parts(streamed) == ([refused], "content_filter"))
      let texts = try await server.post(
        "/v1/completions", #"{"prompt": ["bad", "good"], "echo": true, "max_tokens": 1}"#)
      #expect(texts.json["choices"]?.array?.map { $0["text"]?.string } == [refused, "goodHello"])
      let response = try await server.post("/v1/responses", #"{"input": "bad"}"#)
      #expect(response.json["status"] == "incomplete")
      #expect(response.json["incomplete_details"] == ["reason": "content_filter"])
      // A word that is put together from several turns.
      let turns = #"{"messages": [{"role": "system", "content": "bad"}, {"role": "user", "content": "Hi"}]}"#
      let whole = try await server.post("/v1/chat/completions", turns)
      #expect(whole.json["choices"]?.array?[0]["finish_reason"] == "content_filter")
      #expect(try await server.get("/metrics").body.contains("{outcome=\"refused_prompts\"} 5\n"))
    }
    #expect(model.options.count == 1)
  }

  @Test(arguments: [0, 1, -1]) func aJudgeThatFailsShowsNothing(extra: Int) async throws {
    let model = ScriptedModel(["Some. ", "Then fail. ", "End"])
    try await RunningServer.with(["model": model], moderator: ScriptedModerator(extra: extra)) { server in
      for stream in ["", #", "stream": true"#] {
        let reply = try await server.post("/v1/chat/completions", chat("fail", stream))
        #expect(reply.status == 503 && reply.error.code == "moderation_unavailable")
      }
      let answer = try await server.post("/v1/chat/completions", chat())
      #expect(answer.status == 503 && !answer.body.contains("Some"))
      let stream = try await server.post("/v1/chat/completions", chat("Hi", #", "stream": true"#))
      #expect(!stream.body.contains("Then") && !stream.body.contains("[DONE]") && stream.body.contains("is not shown"))
      #expect(stream.body.contains("Some.") == (extra == 0))
    }
  }

  @Test func callsAndTheirTokensWait() async throws {
    let call = ["<tool_", "call>{\"name\": \"add\", ", "\"arguments\": {\"a\": \"bad\"}}</tool_call>", "Done. ", "So"]
    try await RunningServer.with(["model": ScriptedModel(call)], moderator: ScriptedModerator()) { server in
      for more in ["", #", "stream": true"#, #", "stream": true, "logprobs": true"#, #", "logprobs": true"#] {
        let reply = try await server.post(
          "/v1/chat/completions", chat("2+3?", #", "tools": [\#(ToolTests.tool)]"# + more))
        #expect(reply.status == 200 && !reply.body.contains("bad") && !reply.body.contains("add"))
        #expect(reply.body.contains(withheld) && reply.body.contains("content_filter"))
      }
    }
  }

  @Test func tokensThatWereNotChosenAreRefused() async throws {
    try await RunningServer.with(moderator: ScriptedModerator()) { server in
      let reply = try await server.post("/v1/chat/completions", chat("Hi", #", "logprobs": true, "top_logprobs": 2"#))
      #expect(reply.status == 400 && reply.error.field == "top_logprobs")
      let text = try await server.post("/v1/completions", #"{"prompt": "a", "logprobs": 1}"#)
      #expect(text.status == 400 && text.error.field == "logprobs")
      let chosen = try await server.post("/v1/completions", #"{"prompt": "a", "logprobs": 0}"#)
      #expect(chosen.json["choices"]?.array?[0]["logprobs"]?["tokens"] == ["Hello", ", ", "world"])
    }
  }

  @Test func continuedTextsAreJudgedWithTheirBeginning() async throws {
    try await RunningServer.with(["model": ScriptedModel(["d day"])], moderator: ScriptedModerator()) { server in
      let text = try await server.post("/v1/completions", #"{"prompt": "a ba"}"#)
      #expect(text.json["choices"]?.array?[0]["finish_reason"] == "content_filter")
    }
  }

  @Test func aSlowJudgeEndsWithTheAnswersTime() async throws {
    let judge = ScriptedModerator(pause: .seconds(60))
    try await RunningServer.with(moderator: judge, settings: { $0.answerTime = .milliseconds(300) }) { server in
      let reply = try await server.post("/v1/chat/completions", chat())
      #expect(reply.status == 504)
    }
  }

  @Test func verdictsInOpenAIsForm() async throws {
    try await RunningServer.with(moderator: ScriptedModerator()) { server in
      let reply = try await server.post("/v1/moderations", #"{"input": ["a bad one", "a good one"]}"#)
      #expect(reply.json["model"] == "judge")
      #expect(
        reply.json["results"] == [
          ["flagged": true, "categories": ["badness": true], "category_scores": ["badness": 0.9]],
          ["flagged": false, "categories": ["badness": false], "category_scores": ["badness": 0.1]],
        ])
      let parts = try await server.post("/v1/moderations", #"{"input": [{"type": "text", "text": "bad"}]}"#)
      #expect(parts.json["results"]?.array?.map { $0["flagged"] } == [true])
      #expect(try await server.post("/v1/moderations", #"{"input": "fail"}"#).status == 503)
      for body in [#"{"input": []}"#, "{}", #"{"input": 3}"#, #"{"input": [{"type": "image_url"}]}"#] {
        #expect(try await server.post("/v1/moderations", body).status == 400)
      }
    }
    try await RunningServer.with { server in
      let reply = try await server.post("/v1/moderations", #"{"input": "a"}"#)
      #expect(reply.status == 404 && reply.error.code == "no_moderation")
    }
  }
}
