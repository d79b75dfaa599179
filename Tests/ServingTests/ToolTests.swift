import JSON
import Testing

@testable import Serving

@Suite struct ToolTests {
  static let tool = #"{"type": "function", "function": {"name": "add", "parameters": {"type": "object"}}}"#
  let request =
    #"{"messages": [{"role": "user", "content": "2+3?"}], "tools": [\#(tool)], "tool_choice": "auto""#

  /// What comes of an answer, whole and a letter at a time.
  private func read(_ answer: String) -> [(text: String, calls: [String])] {
    [[answer], answer.map(String.init)].map { parts in
      var reader = ToolCallReader(names: ["add", "f"])
      var result: (text: String, calls: [String]) = ("", [])
      for index in 0...parts.count {
        let next = reader.take(index < parts.count ? parts[index] : "", isLast: index == parts.count)
        result.text += next.text
        result.calls += next.calls.map { "\($0.index) \($0.name) \($0.arguments)" }
      }
      return result
    }
  }

  @Test(arguments: [
    ("<tool_call>\n{\"name\": \"add\", \"arguments\": {\"a\": 2}}\n</tool_call>", "", ["0 add {\"a\": 2}"]),
    (
      "I add. \n<tool_call>{\"name\": \"add\", \"arguments\": {}}</tool_call>\n<tool_call>{\"name\": \"f\"}", "I add.",
      ["0 add {}", "1 f {}"]
    ),
    (
      "<tool_call>[{\"name\": \"add\", \"arguments\": {\"a\": 2}}, {\"name\": \"f\"}]</tool_call>", "",
      ["0 add {\"a\": 2}", "1 f {}"]
    ),
    ("{\"name\": \"add\", \"parameters\": {\"a\": 2}}", "", ["0 add {\"a\": 2}"]),
    (
      "<|python_tag|>{\"name\": \"add\", \"parameters\": {}}; {\"name\": \"f\", \"parameters\": {}}", "",
      ["0 add {}", "1 f {}"]
    ),
    ("[TOOL_CALLS] [{\"name\": \"add\", \"arguments\": {\"a\": 2}}]", "", ["0 add {\"a\": 2}"]),
    (" [{\"name\": \"add\", \"arguments\": {\"a\": 2}}]", "", ["0 add {\"a\": 2}"]),
    ("Yes. [TOOL_CALLS]add[ARGS]{\"a\": 2}[TOOL_CALLS]f[CALL_ID]x1[ARGS]{}", "Yes.", ["0 add {\"a\": 2}", "1 f {}"]),
  ]) func calls(answer: String, text: String, calls: [String]) {
    for result in read(answer) {
      #expect(result.text == text)
      #expect(result.calls == calls)
    }
  }

  @Test(arguments: [
    " Hello \n", "{\"name\": \"Ann\", \"arguments\": {}}", "[1, 2]", "a <tool_call>no JSON</tool_call> b", "<tool_cal",
    "<tool_call>[]</tool_call>", "<tool_call>[{\"name\": \"add\"}, 1]</tool_call>",
    "<|python",
    "{", "", "a<tool_call>", "x [TOOL_CALLS] y ",
  ]) func textStaysAsItIs(answer: String) {
    for result in read(answer) {
      #expect(result.text == answer)
      #expect(result.calls == [])
    }
  }

  @Test func callsAreReturnedWholeAndStreamed() async throws {
    let model = ScriptedModel(["<tool_", "call>{\"name\": \"add\", ", "\"arguments\": {\"a\": 2}}</tool_call>"])
    try await RunningServer.with(["model": model]) { server in
      let choice = try await server.post("/v1/chat/completions", request + "}").json["choices"]?.array?[0]
      #expect(choice?["finish_reason"] == "tool_calls")
      #expect(choice?["message"]?["content"] == .null)
      let call = choice?["message"]?["tool_calls"]?.array?[0]
      #expect(call?["function"] == ["name": "add", "arguments": "{\"a\": 2}"])
      #expect(call?["id"]?.string?.count == 9)
      let stream = try await server.post("/v1/chat/completions", request + #", "stream": true}"#)
      let deltas = try stream.events.dropLast().map { try JSON(parsing: $0)["choices"]?.array?[0] }
      #expect(deltas.compactMap { $0?["delta"]?["tool_calls"]?.array?[0]["index"]?.int } == [0])
      #expect(deltas.last??["finish_reason"] == "tool_calls")
    }
  }

  @Test func toolsThatAreNotOfferedAreNotRead() async throws {
    let answer = "{\"name\": \"add\", \"parameters\": {}}"
    try await RunningServer.with(["model": ScriptedModel([answer])]) { server in
      let none = request.replacing("\"auto\"", with: "\"none\"") + "}"
      let reply = try await server.post("/v1/chat/completions", none)
      #expect(reply.json["choices"]?.array?[0]["message"]?["content"]?.string == answer)
    }
    try await RunningServer.with(["model": ScriptedModel(showsTools: false)]) { server in
      let reply = try await server.post("/v1/chat/completions", request + "}")
      #expect(reply.status == 400 && reply.error.field == "tools")
    }
  }

  @Test func historiesOfCalls() async throws {
    let model = ScriptedModel()
    try await RunningServer.with(["model": model]) { server in
      let reply = try await server.post(
        "/v1/chat/completions",
        #"""
        {"messages": [{"role": "user", "content": "2+3?"},
          {"role": "assistant", "content": null, "tool_calls": [
            {"id": "c1", "type": "function", "function": {"name": "add", "arguments": "{\"a\": 2}"}}]},
          {"role": "tool", "tool_call_id": "c1", "content": "5"}]}
        """#)
      #expect(reply.status == 200)
    }
    let messages = try #require(model.messages.first)
    #expect(messages[1]["content"] == "")
    #expect(messages[1]["tool_calls"]?.array?[0]["function"]?["arguments"] == ["a": 2])
    #expect(messages[2] == ["role": "tool", "tool_call_id": "c1", "content": "5"])
  }
}
