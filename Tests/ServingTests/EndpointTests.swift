import JSON
import Serving
import Testing

@Suite struct EndpointTests {
  let chat = #"{"model": "model", "messages": [{"role": "user", "content": "Hi"}]"#

  @Test func aWholeAnswer() async throws {
    try await RunningServer.with { server in
      let reply = try await server.post("/v1/chat/completions", chat + #", "user": "me", "unknown": {"a": 1}}"#)
      #expect(reply.status == 200)
      let json = reply.json
      #expect(json["object"] == "chat.completion")
      #expect(json["choices"]?.array?[0]["message"]?["content"] == "Hello, world")
      #expect(json["choices"]?.array?[0]["finish_reason"] == "stop")
      #expect(json["usage"] == ["prompt_tokens": 2, "completion_tokens": 3, "total_tokens": 5])
      #expect(json["id"]?.string?.hasPrefix("chatcmpl-") == true)
    }
  }

  @Test func aStream() async throws {
    try await RunningServer.with { server in
      let reply = try await server.post(
        "/v1/chat/completions", chat + #", "stream": true, "n": 2, "stream_options": {"include_usage": true}}"#)
      #expect(reply.head.lowercased().contains("content-type: text/event-stream"))
      #expect(reply.events.last == "[DONE]")
      let parts = try reply.events.dropLast().map { try JSON(parsing: $0) }
      for index in 0..<2 {
        let choices = parts.compactMap { $0["choices"]?.array?.first }.filter { $0["index"]?.int == index }
        #expect(choices.first?["delta"]?["role"] == "assistant")
        #expect(choices.compactMap { $0["delta"]?["content"]?.string }.joined() == "Hello, world")
        #expect(choices.last?["finish_reason"] == "stop")
      }
      #expect(parts.last?["choices"] == [])
      #expect(parts.last?["usage"] == ["prompt_tokens": 2, "completion_tokens": 6, "total_tokens": 8])
    }
  }

  @Test func logProbabilities() async throws {
    try await RunningServer.with { server in
      let reply = try await server.post(
        "/v1/chat/completions", chat + #", "logprobs": true, "top_logprobs": 2, "max_tokens": 1}"#)
      let choice = reply.json["choices"]?.array?[0]
      #expect(choice?["finish_reason"] == "length")
      let token = choice?["logprobs"]?["content"]?.array?[0]
      #expect(token?["token"] == "Hello")
      #expect(token?["bytes"] == [72, 101, 108, 108, 111])
      #expect(token?["top_logprobs"]?.array?.compactMap { $0["logprob"]?.double } == [-1, -9999])
      let text = try await server.post(
        "/v1/completions", #"{"model": "model", "prompt": "Hi", "logprobs": 1}"#)
      let scores = text.json["choices"]?.array?[0]["logprobs"]
      #expect(scores?["tokens"] == ["Hello", ", ", "world"])
      #expect(scores?["text_offset"] == [0, 5, 7])
    }
  }

  @Test func textsAndTokensAreContinued() async throws {
    try await RunningServer.with { server in
      for (prompt, count) in [(#""a""#, 1), (#"["a", "b"]"#, 2), ("[1, 2]", 1), ("[[1], [2, 3]]", 2)] {
        let reply = try await server.post("/v1/completions", #"{"model": "model", "n": 2, "prompt": \#(prompt)}"#)
        #expect(
          reply.json["choices"]?.array?.map { $0["text"]?.string } == Array(repeating: "Hello, world", count: 2 * count)
        )
      }
    }
  }

  @Test func optionsReachTheModel() async throws {
    let model = ScriptedModel()
    try await RunningServer.with(["model": model]) { server in
      _ = try await server.post(
        "/v1/chat/completions",
        chat + #", "temperature": 0, "top_p": 0.5, "seed": -1, "stop": "x", "max_completion_tokens": 7, "n": 2}"#)
    }
    let expected = AnswerOptions(maximumTokens: 7, temperature: 0, topP: 0.5, seed: .max, stops: ["x"])
    #expect(Set(model.options.map(\.seed)) == [.max, 0])
    #expect(model.options.first { $0.seed == .max } == expected)
  }

  @Test func moreTokensThanThereAreIsToldAndLess() async throws {
    try await RunningServer.with(settings: { $0.maximumTokens = 60 }) { server in
      for (asked, warning) in [
        ("99999", "'max_tokens' is 60, not 99999: answers have at most 60 on this server ('max-tokens')"), ("60", nil),
        ("-1", nil),
      ] {
        let reply = try await server.post("/v1/chat/completions", chat + #", "max_tokens": \#(asked)}"#)
        #expect(reply.json["warnings"]?.array?.first?.string == warning)
        #expect(reply.json["choices"]?.array?[0]["message"]?["content"] == "Hello, world")
      }
      let prompt = String(repeating: "a", count: 50)
      let full = try await server.post(
        "/v1/completions", #"{"prompt": "\#(prompt)", "max_tokens": 51, "stream": true}"#)
      let last = try #require(full.events.dropLast().last)
      #expect(last.contains("the context of 100 tokens has room for 50 after the prompt"))
    }
  }

  @Test func otherOptionsReachTheModel() async throws {
    let model = ScriptedModel()
    try await RunningServer.with(["model": model]) { server in
      _ = try await server.post(
        "/v1/completions",
        #"{"prompt": "a", "top_p": 0, "min_tokens": 3, "ignore_eos": true, "stop_token_ids": [7], "seed": 1, "presence_penalty": 1, "frequency_penalty": -0.5}"#
      )
    }
    var expected = AnswerOptions(maximumTokens: 99, temperature: 0, seed: 1)
    expected.minimumTokens = 3
    expected.presencePenalty = 1
    expected.frequencyPenalty = -0.5
    expected.ignoresEnd = true
    expected.stopTokens = [7]
    expected.continuesText = true
    #expect(model.options == [expected])
  }

  @Test func aPromptIsGivenBackWithItsScores() async throws {
    try await RunningServer.with { server in
      let reply = try await server.post(
        "/v1/completions", #"{"prompt": [1, 2], "echo": true, "logprobs": 1, "max_tokens": 1}"#)
      let choice = reply.json["choices"]?.array?[0]
      #expect(choice?["text"] == "<1><2>Hello")
      #expect(choice?["logprobs"]?["token_logprobs"] == [.null, -2.0, -0.5])
      #expect(choice?["logprobs"]?["text_offset"] == [0, 3, 6])
      #expect(reply.json["usage"]?["completion_tokens"] == 1)
      let stream = try await server.post(
        "/v1/completions", #"{"prompt": [1, 2], "echo": true, "logprobs": 1, "max_tokens": 1, "stream": true}"#)
      let offsets = try stream.events.dropLast().flatMap {
        try JSON(parsing: $0)["choices"]?.array?[0]["logprobs"]?["text_offset"]?.array ?? []
      }
      #expect(offsets == [0, 3, 6])
      let scores = try await server.post(
        "/v1/completions", #"{"prompt": "a", "echo": true, "logprobs": 1, "max_tokens": 0}"#)
      #expect(scores.json["choices"]?.array?[0]["text"] == "a")
      #expect(scores.json["usage"]?["completion_tokens"] == 0)
    }
  }

  @Test func modelsHealthAndMetrics() async throws {
    try await RunningServer.with { server in
      let health = try await server.get("/health")
      #expect(health.json == ["status": "ok"])
      let list = try await server.get("/v1/models")
      #expect(list.json["data"]?.array?.map { $0["id"] } == ["model"])
      let known = try await server.get("/v1/models/model")
      #expect(known.json["id"] == "model")
      let unknown = try await server.get("/v1/models/other")
      #expect(unknown.status == 404)
      _ = try await server.post("/v1/chat/completions", chat + "}")
      let metrics = try await server.get("/metrics").body
      #expect(metrics.contains(#"caravan_requests_total{path="/v1/chat/completions",status="200"} 1"#))
      #expect(metrics.contains(#"caravan_completion_tokens_total{model="model"} 3"#))
      #expect(metrics.contains("caravan_answers_in_flight 0\n"))
    }
  }

  @Test func thePageIsWholeAndStrict() async throws {
    try await RunningServer.with { server in
      let page = try await server.get("/")
      #expect(page.head.contains("default-src 'none'; script-src 'self'"))
      #expect(!page.body.contains("style=") && !page.body.contains("onclick"))
      for line in page.body.split(separator: "\"") where line.hasPrefix("/page/") {
        let file = try await server.get(String(line))
        #expect(file.status == 200)
      }
      for name in ["chat", "comparison", "markdown", "server", "settings"] {
        let script = try await server.get("/page/\(name).js")
        #expect(script.status == 200 && !script.body.contains("innerHTML"))
      }
    }
  }

  @Test func theLogHasNoPromptsUnlessAsked() async throws {
    for isAsked in [false, true] {
      try await RunningServer.with(settings: { $0.logsTexts = isAsked }) { server in
        _ = try await server.post("/v1/chat/completions", #"{"messages": [{"role": "user", "content": "secret"}]}"#)
        try await eventually { server.log.all.contains { $0.contains("chat/completions") } }
        let line = try #require(server.log.all.first { $0.contains("chat/completions") })
        #expect(line.contains("secret") == isAsked && line.contains("Hello") == isAsked)
        let entry = try JSON(parsing: line)
        #expect(entry["completion_tokens"] == 3)
      }
    }
  }
}
