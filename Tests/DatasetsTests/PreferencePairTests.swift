import Datasets
import JSON
import Testing
import Text

@Suite struct PreferencePairTests {
  static let location = RecordLocation(file: "pairs.jsonl", line: 17)

  func pair(_ text: String) throws -> PreferencePair {
    try PreferencePair(json: JSON(parsing: text), location: Self.location)
  }

  /// A turn, as in `user("Hi")`.
  func user(_ content: String) -> Message { Message(role: "user", content: content) }
  func assistant(_ content: String) -> Message { Message(role: "assistant", content: content) }

  @Test func stringsWithPrompt() throws {
    let pair = try pair(#"{"prompt": " a\n", "chosen": "b ", "rejected": "", "score": 1}"#)
    #expect(pair.prompt == [user(" a\n")])
    #expect(pair.chosen == [assistant("b ")])
    #expect(pair.rejected == [assistant("")])
    #expect(pair.location == Self.location)
    #expect(pair.remark == nil)
  }

  @Test func stringsWithPromptOfMessages() throws {
    let pair = try pair(
      #"{"prompt": [{"role": "system", "content": "s"}, {"role": "user", "content": "a"}], "chosen": "b", "rejected": "c"}"#
    )
    #expect(pair.prompt == [Message(role: "system", content: "s"), user("a")])
    #expect(pair.chosen == [assistant("b")])
  }

  @Test func listsThatContinuePrompt() throws {
    for prompt in [#""a""#, #"[{"role": "user", "content": "a"}]"#] {
      let pair = try pair(
        """
        {"prompt": \(prompt), "chosen": [{"role": "assistant", "content": "b", "extra": 1}], "rejected":
         [{"role": "assistant", "content": "c"}, {"role": "user", "content": "d"}, {"role": "assistant", "content": "e"}]}
        """)
      #expect(pair.prompt == [user("a")])
      #expect(pair.chosen.map(\.content) == ["b"])
      #expect(pair.chosen[0].json.text == #"{"role": "assistant", "content": "b", "extra": 1}"#)
      #expect(pair.rejected == [assistant("c"), user("d"), assistant("e")])
    }
  }

  /// The same conversations, without a prompt, with `null` for it, and with one that says what they begin with.
  @Test(arguments: [
    "", #""prompt": null, "#, #""prompt": "a", "#, #""prompt": "A title", "#,
    #""prompt": [{"role": "user", "content": "a"}], "#,
    #""prompt": [{"role": "user", "content": "a"}, {"role": "assistant", "content": "b"}], "#,
  ])
  func listsOfWholeConversations(prompt: String) throws {
    let start = #"{"role": "user", "content": "a"}, {"role": "assistant", "content": "b"}"#
    let pair = try pair(
      """
      {\(prompt)"chosen": [\(start), {"role": "user", "content": "c"}, {"role": "assistant", "content": "d"}],
       "rejected": [\(start), {"role": "user", "content": "c"}, {"role": "assistant", "content": "e"}]}
      """)
    #expect(pair.prompt == [user("a"), assistant("b"), user("c")])
    #expect(pair.chosen == [assistant("d")])
    #expect(pair.rejected == [assistant("e")])
  }

  @Test func sameAnswersAreKept() throws {
    let conversation = #"[{"role": "user", "content": "a"}, {"role": "assistant", "content": "b"}]"#
    let pair = try pair("{\"chosen\": \(conversation), \"rejected\": \(conversation)}")
    #expect(pair.prompt == [user("a")])
    #expect(pair.chosen == [assistant("b")])
    #expect(pair.rejected == [assistant("b")])
    #expect(pair.hasSameAnswers)
  }

  @Test func spellingsOfAnAccentDiffer() throws {
    let pair = try pair(
      """
      {"chosen": [{"role": "user", "content": "a"}, {"role": "user", "content": "\\u00e9"},
       {"role": "assistant", "content": "b"}],
       "rejected": [{"role": "user", "content": "a"}, {"role": "user", "content": "e\\u0301"},
       {"role": "assistant", "content": "b"}]}
      """)
    #expect(pair.prompt == [user("a")])
    #expect(pair.chosen.count == 2)
    #expect(pair.remark == nil)
  }

  @Test func transcripts() throws {
    let start = #"\n\nHuman: a\n\nb\n\nAssistant:  c \n\nHuman:\n\nHuman: d\n\nAssistant:"#
    let pair = try pair("{\"chosen\": \"\(start) e\\n\", \"rejected\": \"\(start)\"}")
    #expect(pair.prompt == [user("a\n\nb"), assistant(" c "), user(""), user("d")])
    #expect(pair.chosen == [assistant("e\n")])
    #expect(pair.rejected == [assistant("")])
  }

  @Test func transcriptsThatPartEarly() throws {
    let pair = try pair(
      #"""
      {"chosen": "\n\nHuman: a\n\nAssistant: b\n\nHuman: c\n\nAssistant: d",
       "rejected": "\n\nHuman: a\n\nAssistant: Humans are b.\n\nHumans: they are"}
      """#)
    #expect(pair.prompt == [user("a")])
    #expect(pair.chosen == [assistant("b"), user("c"), assistant("d")])
    #expect(pair.rejected == [assistant("Humans are b.\n\nHumans: they are")])
  }

  @Test(arguments: [
    ("[]", "expected an object with 'chosen' and 'rejected', found a list"),
    ("3", "expected an object with 'chosen' and 'rejected', found a number"),
    ("{}", "'chosen' is missing; expected a list of messages or a string"),
    (#"{"chosen": 1}"#, "'chosen' must be a list of messages or a string, found a number"),
    (#"{"chosen": null}"#, "'chosen' must be a list of messages or a string, found null"),
    (#"{"chosen": "a"}"#, "'rejected' is missing; expected a list of messages or a string"),
    (#"{"chosen": "a", "rejected": {}}"#, "'rejected' must be a list of messages or a string, found an object"),
    (#"{"chosen": []}"#, "'chosen' must not be an empty list"),
    (#"{"chosen": ["a"]}"#, "'chosen[0]' must be an object with 'role' and 'content', found a string"),
    (#"{"chosen": [{"content": "a"}]}"#, "'chosen[0].role' is missing; expected a string"),
    (#"{"chosen": [{"role": 1, "content": "a"}]}"#, "'chosen[0].role' must be a string, found a number"),
    (#"{"chosen": [{"role": "", "content": "a"}]}"#, "'chosen[0].role' must not be empty"),
    (#"{"chosen": [{"role": "user"}]}"#, "'chosen[0].content' is missing; expected a string"),
    (
      #"{"chosen": [{"role": "user", "content": "a"}, {"role": "user", "content": null}]}"#,
      "'chosen[1].content' must be a string, found null"
    ),
    (
      #"{"chosen": [{"role": "user", "content": [{"type": "text"}]}]}"#,
      #"'chosen[0].content[0]' must be a text, {"type": "text", "text": …}: models of text read nothing else"#
    ),
    (
      #"{"chosen": "a", "rejected": "b"}"#,
      #"'chosen' is a plain string: expected a 'prompt' beside it, or a transcript "\n\nHuman: …\n\nAssistant: …""#
    ),
    (
      #"{"chosen": "\n\nHuman: a\n\nAssistant: b", "rejected": "b"}"#,
      #"'rejected' is a plain string: expected a 'prompt' beside it, or a transcript "\n\nHuman: …\n\nAssistant: …""#
    ),
    (
      #"{"chosen": "\n\nHuman: a\n\nAssistant: b", "rejected": "\n\nHuman: a"}"#,
      "'rejected' must end with an assistant's message, found the role 'user'"
    ),
    (
      #"{"prompt": 5, "chosen": "a", "rejected": "b"}"#,
      "'prompt' must be a list of messages or a string, found a number"
    ),
    (#"{"prompt": [], "chosen": "a", "rejected": "b"}"#, "'prompt' must not be an empty list"),
    (
      #"{"prompt": "p", "chosen": "a", "rejected": [{"role": "assistant", "content": "b"}]}"#,
      "'rejected' must be a string as 'chosen' is, found a list"
    ),
    (
      #"{"prompt": "p", "chosen": [{"role": "assistant", "content": "b"}], "rejected": "a"}"#,
      "'rejected' must be a list of messages as 'chosen' is, found a string"
    ),
    (
      #"{"prompt": "p", "chosen": [{"role": "assistant", "content": "b"}], "rejected": [{"role": "tool", "content": ""}]}"#,
      "'rejected' must end with an assistant's message, found the role 'tool'"
    ),
    (
      #"{"chosen": [{"role": "assistant", "content": "a"}], "rejected": [{"role": "assistant", "content": "b"}]}"#,
      "'chosen' and 'rejected' must begin with the same message, or continue a 'prompt'"
    ),
    (
      #"{"chosen": [{"role": "user", "content": "a"}], "rejected": [{"role": "user", "content": "a"}]}"#,
      "'chosen' must end with an assistant's message, found the role 'user'"
    ),
  ])
  func saysWhatIsWrong(text: String, message: String) throws {
    let error = #expect(throws: RecordError.self) { try pair(text) }
    #expect(error?.description == "pairs.jsonl:17: " + message)
  }
}
