import Datasets
import JSON
import Testing
import Text

@Suite struct ConversationTests {
  func conversation(_ text: String) throws -> Conversation {
    try Conversation(json: JSON(parsing: text), location: RecordLocation(file: "chats.jsonl", line: 3))
  }

  @Test func messages() throws {
    let conversation = try conversation(
      """
      {"messages": [{"role": "system", "content": " s"}, {"role": "user", "content": "a\\n"},
       {"role": "assistant", "content": ""}, {"role": "user", "content": "b"}], "prompt": 1, "id": 7}
      """)
    #expect(conversation.messages.map(\.role) == ["system", "user", "assistant", "user"])
    #expect(conversation.messages.map(\.content) == [" s", "a\n", "", "b"])
    #expect(conversation.location.description == "chats.jsonl:3")
  }

  @Test(arguments: [#""a""#, #"[{"role": "user", "content": "a"}]"#])
  func promptAndCompletion(prompt: String) throws {
    for completion in [#""b""#, #"[{"role": "assistant", "content": "b"}]"#] {
      let conversation = try conversation(
        "{\"messages\": null, \"prompt\": \(prompt), \"completion\": \(completion)}")
      #expect(
        conversation.messages == [Message(role: "user", content: "a"), Message(role: "assistant", content: "b")])
    }
  }

  @Test(arguments: [
    (#""a""#, "expected an object with 'messages', or 'prompt' and 'completion', found a string"),
    ("{}", "expected 'messages', or 'prompt' and 'completion', found no columns"),
    (
      #"{"text": "a", "id": 1}"#, "expected 'messages', or 'prompt' and 'completion', found 'text', 'id'"
    ),
    (#"{"messages": "a"}"#, "'messages' must be a list of messages, found a string"),
    (#"{"messages": []}"#, "'messages' must not be an empty list"),
    (
      #"{"messages": [{"from": "human", "value": "a"}]}"#, "'messages[0].role' is missing; expected a string"
    ),
    (
      #"{"messages": [{"role": "user", "content": "a"}]}"#,
      "'messages' holds no assistant's message, so there is nothing to learn"
    ),
    (#"{"prompt": "a"}"#, "'completion' is missing; expected a list of messages or a string"),
    (#"{"completion": "a"}"#, "'prompt' is missing; expected a list of messages or a string"),
    (#"{"prompt": "a", "completion": null}"#, "'completion' must be a list of messages or a string, found null"),
    (
      #"{"prompt": "a", "completion": [{"role": "user", "content": "b"}]}"#,
      "'completion' begins with the role 'user' and so should repeat 'prompt', but its message 1 says something else than "
        + "the prompt's; an answer begins with the assistant"
    ),
  ])
  func saysWhatIsWrong(text: String, message: String) throws {
    let error = #expect(throws: RecordError.self) { try conversation(text) }
    #expect(error?.description == "chats.jsonl:3: " + message)
  }

  @Test func whateverAMessageHoldsIsKept() throws {
    let conversation = try conversation(
      """
      {"messages": [{"role": "user", "content": [{"type": "text", "text": "a"}, {"type": "text", "text": "b"}]},
       {"role": "assistant", "content": null, "name": null, "tool_calls": [{"function": {"name": "f", "arguments": {}}}]},
       {"role": "tool", "content": {"temperature": 4}}, {"role": "assistant", "content": "c", "weight": 0}],
       "tools": "[{\\"name\\": \\"f\\"}]", "chat_template_kwargs": {"enable_thinking": false}, "system": "s"}
      """)
    #expect(conversation.messages.map(\.content) == ["s", "ab", "", #"{"temperature": 4}"#, "c"])
    #expect(
      conversation.messages[2].json.text
        == #"{"role": "assistant", "content": null, "tool_calls": [{"function": {"name": "f", "arguments": {}}}]}"#)
    #expect(conversation.messages.map(\.isLearned) == [false, false, true, false, false])
    #expect(conversation.context.tools == [["name": "f"]])
    #expect(conversation.context.variables == ["enable_thinking": false])
    #expect(conversation.remark == nil)
    let written = try Conversation(json: conversation.json, location: conversation.location)
    #expect(written == conversation)
  }

  @Test(arguments: [("0", 0), ("1", 1), ("0.5", 0.5), ("1e9", 1e9), ("null", 1)])
  func weights(text: String, weight: Double) throws {
    let conversation = try conversation(
      """
      {"messages": [{"role": "assistant", "content": "b", "weight": \(text)}], "weight": \(text)}
      """)
    #expect(conversation.weight == weight && conversation.messages[0].weight == weight && conversation.remark == nil)
    #expect(conversation.isWeighted == (weight != 1))
    #expect(try Conversation(json: conversation.json, location: conversation.location) == conversation)
  }

  @Test(arguments: ["-1", "-0.5", "1e-10", "1e10", "1e400", "-1e400"])
  func weightsOutOfBounds(text: String) {
    for record in [
      #"{"prompt": "a", "completion": "b", "weight": W}"#,
      #"{"messages": [{"role": "assistant", "content": "b", "weight": W}]}"#,
    ] {
      #expect {
        try conversation(record.replacing("W", with: text))
      } throws: { error in
        "\(error)".contains("weight' must be 0 (not learned) or a number from 1e-9 to 1e9: ")
      }
    }
  }

  @Test func weightsOfPairsAndRatingsOnlySwitchThemOff() throws {
    func pair(_ weight: String) throws -> PreferencePair {
      let text = #"{"prompt": "a", "chosen": "b", "rejected": "c", "weight": \#(weight)}"#
      return try PreferencePair(json: JSON(parsing: text), location: RecordLocation(file: "a.jsonl", line: 1))
    }
    #expect(try pair("0").remark == nil && !pair("0").isLearned)
    #expect(
      try pair("0.5").remark
        == "a 'weight' is neither 0 nor 1; only conversations are weighted, and the record counts like any other")
    #expect(throws: RecordError.self) { try pair("-1") }
    let rating = #"{"prompt": "a", "completion": [{"role": "assistant", "content": "b", "weight": 2}], "label": 1}"#
    let location = RecordLocation(file: "a.jsonl", line: 1)
    #expect(
      try Rating(json: JSON(parsing: rating), location: location).remark?.hasPrefix("a 'weight' is neither") == true)
  }

  @Test func argumentsThatAreAStringAreRemarked() throws {
    let conversation = try conversation(
      #"""
      {"messages": [{"role": "user", "content": "a"},
       {"role": "assistant", "tool_calls": [{"function": {"name": "f", "arguments": "{}"}}]}]}
      """#)
    #expect(conversation.remark?.hasPrefix("the arguments of a tool call are a string") == true)
  }

  @Test(arguments: [
    (
      #"{"prompt": "a", "completion": "b", "label": false}"#,
      "'label' says whether the answer is good, as rows for KTO do; imitating would learn the bad ones too: train towards the "
        + "labels with KTO or BCO, or keep the good ones, without this column"
    ),
    (
      #"{"messages": [{"role": "assistant", "content": "a", "weight": "0.5"}]}"#,
      "'messages[0].weight' must be 0 (not learned) or a number from 1e-9 to 1e9, found a string"
    ),
    (
      #"{"prompt": "a", "completion": "b", "weight": -2}"#,
      "'weight' must be 0 (not learned) or a number from 1e-9 to 1e9: -2.0"
    ),
    (
      #"{"prompt": "a", "completion": "b", "weight": true}"#,
      "'weight' must be 0 (not learned) or a number from 1e-9 to 1e9, found a boolean"
    ),
    (
      #"{"messages": [{"role": "assistant", "tool_calls": {}, "content": ""}]}"#,
      "'messages[0].tool_calls' must be a list of calls, found an object"
    ),
    (
      #"{"messages": [{"role": "system", "content": "a"}, {"role": "assistant", "content": "b"}], "system": "c"}"#,
      "'system' differs from the conversation's own system message; keep one of them"
    ),
    (#"{"prompt": "a", "completion": "b", "tools": [1]}"#, "'tools[0]' must be an object, found a number"),
  ])
  func whatCannotBeUsed(text: String, message: String) {
    let error = #expect(throws: RecordError.self) { try conversation(text) }
    #expect(error?.description == "chats.jsonl:3: " + message)
  }
}
