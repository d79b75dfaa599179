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
      "'completion' must end with an assistant's message, found the role 'user'"
    ),
  ])
  func saysWhatIsWrong(text: String, message: String) throws {
    let error = #expect(throws: RecordError.self) { try conversation(text) }
    #expect(error?.description == "chats.jsonl:3: " + message)
  }
}
