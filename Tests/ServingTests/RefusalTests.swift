import Serving
import Testing

@Suite struct RefusalTests {
  @Test(arguments: [
    (#"{"temperature": "hot"}"#, "temperature"), (#"{"temperature": 3}"#, "temperature"),
    (#"{"temperature": 1e999}"#, "temperature"), (#"{"temperature": NaN}"#, "temperature"), (#"{"n": 0}"#, "n"),
    (#"{"n": 1.5}"#, "n"), (#"{"n": 65}"#, "n"), (#"{"top_p": 1.1}"#, "top_p"), (#"{"stream": 1}"#, "stream"),
    (#"{"stop": [1]}"#, "stop[0]"), (#"{"stop": ""}"#, "stop"), (#"{"seed": 99999999999999999999}"#, "seed"),
    (#"{"max_tokens": 0}"#, "max_tokens"), (#"{"max_tokens": -2}"#, "max_tokens"),
    (#"{"max_completion_tokens": 0}"#, "max_completion_tokens"),
    (#"{"min_tokens": 8, "max_tokens": 7}"#, "min_tokens"), (#"{"stop_token_ids": [50]}"#, "stop_token_ids"),
    (#"{"stop_token_ids": [-1]}"#, "stop_token_ids[0]"), (#"{"repeat_penalty": 1.1}"#, "repeat_penalty"),
    (#"{"grammar": "root ::= x"}"#, "grammar"), (#"{"guided_json": {}}"#, "guided_json"),
    (#"{"guided_choice": ["a"]}"#, "guided_choice"), (#"{"tool_choice": "required"}"#, "tool_choice"),
    (#"{"continue_final_message": true, "messages": [{"role": "user", "content": ""}]}"#, "continue_final_message"),
    (#"{"continue_final_message": true, "add_generation_prompt": true}"#, "add_generation_prompt"),
    (#"{"frequency_penalty": 2.5}"#, "frequency_penalty"), (#"{"logit_bias": {"5": 1}}"#, "logit_bias"),
    (#"{"tools": [{}]}"#, "tools[0].function"), (#"{"response_format": {"type": "json_object"}}"#, "response_format"),
    (#"{"top_logprobs": 3}"#, "top_logprobs"), (#"{"model": 1}"#, "model"), (#"{"messages": "Hi"}"#, "messages"),
    (#"{"messages": []}"#, "messages"), (#"{"messages": [{"role": "user"}]}"#, "messages[0].content"),
    (#"{"messages": [{"content": "x"}]}"#, "messages[0].role"), (#"{"messages": [3]}"#, "messages[0]"),
    (#"{"messages": [{"role": "user", "content": [{"type": "image_url"}]}]}"#, "messages[0].content[0].type"),
    (#"{"messages": [{"role": "pirate", "content": "x"}]}"#, "messages"),
  ])
  func fieldsAreNamed(fields: String, name: String) async throws {
    let messages = #""messages": [{"role": "user", "content": "Hi"}], "#
    let body = fields.contains("\"messages\"") ? fields : "{" + messages + fields.dropFirst()
    try await RunningServer.with { server in
      let reply = try await server.post("/v1/chat/completions", body)
      #expect(reply.status == 400)
      #expect(reply.error.field == name)
    }
  }

  @Test(arguments: [
    "", "{", "[]", "null", #"{"a": "\ud800"}"#, #"{"messages": [{"role": "user", "content": "Hi"}]} x"#,
    String(repeating: "[", count: 100_000), String(repeating: #"{"a":"#, count: 100_000),
  ])
  func badJSON(body: String) async throws {
    try await RunningServer.with { server in
      let chat = try await server.post("/v1/chat/completions", body)
      #expect(chat.status == 400)
      let text = try await server.post("/v1/completions", body)
      #expect(text.status == 400)
    }
  }

  @Test func invalidUTF8() async throws {
    try await RunningServer.with { server in
      let connection = try await server.connect()
      await connection.send(
        "POST /v1/completions HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Type: application/json\r\nContent-Length: 14\r\n\r\n"
      )
      await connection.send(Array(#"{"prompt":""#.utf8) + [0xFF] + Array("\"}".utf8))
      let reply = try await Reply(connection.readAll())
      #expect(reply.error.message?.contains("UTF-8") == true)
    }
  }

  @Test func neutralValuesAreNotRefused() async throws {
    try await RunningServer.with { server in
      let reply = try await server.post(
        "/v1/chat/completions",
        #"{"messages": [{"role": "developer", "content": [{"type": "text", "text": "Hi"}]}], "frequency_penalty": 0.0, "presence_penalty": 0, "logit_bias": {}, "tools": [], "stop": null, "temperature": null, "response_format": {"type": "text"}}"#
      )
      #expect(reply.status == 200)
    }
  }

  @Test func prompts() async throws {
    try await RunningServer.with { server in
      for (prompt, name) in [
        ("[]", "prompt"), ("[50]", "prompt"), ("[-1]", "prompt[0]"), ("[1, \"a\"]", "prompt[1]"), ("3", "prompt"),
        ("\"\"", "prompt"), ("[true]", "prompt[0]"),
      ] {
        let reply = try await server.post("/v1/completions", "{\"prompt\": \(prompt)}")
        #expect(reply.status == 400)
        #expect(reply.error.field == name)
      }
      let long = String(repeating: "a", count: 100)
      let full = try await server.post("/v1/completions", "{\"prompt\": \"\(long)\"}")
      #expect(full.error.code == "context_length_exceeded")
      #expect(
        full.error.message
          == "This model's maximum context length is 100 tokens. However, you requested 101 tokens (100 in the prompt, 1 in the completion). Please reduce the length of the prompt or completion. (context_length_exceeded)"
      )
      let foreign = try await server.post("/v1/completions", #"{"prompt": "a", "model": "gpt"}"#)
      #expect(foreign.status == 404)
    }
  }

  @Test func pathsAndMethods() async throws {
    try await RunningServer.with { server in
      let nowhere = try await server.get("/nope")
      #expect(nowhere.status == 404)
      let reply = try await server.get("/v1/chat/completions")
      #expect(reply.status == 405 && reply.head.lowercased().contains("allow: post"))
      let votes = try await server.get("/votes")
      #expect(votes.status == 404)
      let outside = try await server.get("/page/../../etc/passwd")
      #expect(outside.status == 404)
    }
  }

  @Test func otherSitesAreKeptOut() async throws {
    try await RunningServer.with { server in
      let plain = try await server.post("/v1/completions", #"{"prompt": "a"}"#, type: "text/plain")
      #expect(plain.status == 415)
      let otherHost = "GET /v1/models HTTP/1.1\r\nHost: evil.example:80\r\nConnection: close\r\n\r\n"
      let rebound = try await Reply(server.exchange(otherHost))
      #expect(rebound.status == 421)
      let local = "GET /v1/models HTTP/1.1\r\nHost: LocalHost:80\r\nConnection: close\r\n\r\n"
      let named = try await Reply(server.exchange(local))
      #expect(named.status == 200)
    }
  }

  @Test func theKeyIsNeeded() async throws {
    try await RunningServer.with(settings: { $0.apiKey = APIKey(" sesame\n") }) { server in
      for headers in ["", "Authorization: Bearer open\r\n", "Authorization: sesame\r\n", "Authorization: Bearer \r\n"] {
        let reply = try await server.get("/v1/models", headers: headers)
        #expect(reply.status == 401)
        #expect(reply.error.code == "invalid_api_key")
      }
      let lowercase = try await server.get("/v1/models", headers: "Authorization: bearer sesame\r\n")
      #expect(lowercase.status == 200)
      let metrics = try await server.get("/metrics")
      #expect(metrics.status == 401)
      let health = try await server.get("/health")
      #expect(health.status == 200)
      let page = try await server.get("/")
      #expect(page.status == 200)
    }
    #expect(APIKey(" \n") == nil && APIKey("two words") == nil)
  }
}
