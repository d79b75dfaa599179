import JSON
import Serving
import Testing

@Suite struct ResponsesTests {
  @Test func aWholeResponse() async throws {
    let model = ScriptedModel()
    try await RunningServer.with(["model": model]) { server in
      let reply = try await server.post(
        "/v1/responses",
        #"""
        {"instructions": "Be brief.", "max_output_tokens": 2, "input": [
          {"role": "user", "content": [{"type": "input_text", "text": "2+3?"}]},
          {"type": "function_call", "call_id": "c1", "name": "add", "arguments": "{\"a\": 2}"},
          {"type": "function_call_output", "call_id": "c1", "output": "5"}]}
        """#)
      let json = reply.json
      #expect(json["object"] == "response" && json["status"] == "incomplete")
      #expect(json["incomplete_details"] == ["reason": "max_output_tokens"])
      let item = json["output"]?.array?[0]
      #expect(item?["type"] == "message")
      #expect(item?["content"]?.array?.map { $0["text"]?.string } == ["Hello, "])
      #expect(json["usage"]?["output_tokens"] == 2)
    }
    let messages = try #require(model.messages.first)
    #expect(messages[0] == ["role": "system", "content": "Be brief."])
    #expect(messages[1] == ["role": "user", "content": "2+3?"])
    #expect(messages[2]["tool_calls"]?.array?[0]["function"] == ["name": "add", "arguments": ["a": 2]])
    #expect(messages[3] == ["role": "tool", "tool_call_id": "c1", "content": "5"])
  }

  @Test func aStream() async throws {
    let model = ScriptedModel(["Yes. ", "<tool_call>{\"name\": \"add\", \"arguments\": {}}</tool_call>"])
    try await RunningServer.with(["model": model]) { server in
      let reply = try await server.post(
        "/v1/responses",
        #"{"input": "2+3?", "stream": true, "tools": [{"type": "function", "name": "add", "parameters": {}}]}"#)
      let events = try reply.events.map { try JSON(parsing: $0) }
      #expect(events.compactMap { $0["sequence_number"]?.int } == Array(0..<events.count))
      #expect(
        events.compactMap { $0["type"]?.string?.replacing("response.", with: "") } == [
          "created", "in_progress", "output_item.added", "content_part.added", "output_text.delta", "output_text.done",
          "content_part.done", "output_item.done", "output_item.added", "function_call_arguments.delta",
          "function_call_arguments.done", "output_item.done", "completed",
        ])
      let output = events.last?["response"]?["output"]?.array
      #expect(output?[0]["content"]?.array?[0]["text"] == "Yes.")
      #expect(output?[1]["name"] == "add" && output?[1]["arguments"] == "{}")
    }
  }

  @Test(arguments: [
    (#"{}"#, "input"), (#"{"input": []}"#, "input"), (#"{"input": 1}"#, "input"),
    (#"{"input": [{"type": "image"}]}"#, "input[0].type"),
    (#"{"input": "a", "previous_response_id": "r"}"#, "previous_response_id"),
    (#"{"input": "a", "text": {"format": {"type": "json_object"}}}"#, "text.format"),
    (#"{"input": "a", "tools": [{"type": "web_search"}]}"#, "tools[0].type"),
    (#"{"input": "a", "max_output_tokens": 0}"#, "max_output_tokens"),
    (#"{"instructions": "x", "input": [{"role": "user"}]}"#, "input[0].content"),
    (#"{"input": "a", "background": true}"#, "background"),
  ]) func fieldsAreNamed(body: String, name: String) async throws {
    try await RunningServer.with { server in
      let reply = try await server.post("/v1/responses", body)
      #expect(reply.status == 400 && reply.error.field == name, "\(reply.body)")
    }
  }
}
