import Alignment
import Datasets
import JSON
import Testing
import Text

/// Where answers stand in what templates write, also where these rewrite what was said before.
@Suite struct AnswerFinderTests {
  private static let twoTurns = [
    ("user", "Snow?"), ("assistant", "White."), ("user", "White."), ("assistant", "Yes, white."),
  ]
  private static let turn = "'<|im_start|>' ~ m.role ~ '\\n' ~ m.content ~ '<|im_end|>\\n'"
  private static let prompt = "{% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}"

  @Test func wholeTurnsAreScoredWithTheirEnds() throws {
    let template = "{% for m in messages %}{{ \(Self.turn) }}{% endfor %}\(Self.prompt)"
    let (scored, lines) = try ChatBase.outcome(template, ChatBase.conversation(Self.twoTurns))
    #expect(scored == ["White.<|im_end|>\n", "Yes, white.<|im_end|>\n"])
    #expect(lines.isEmpty)
  }

  @Test func earlierThoughtsThatATemplateDrops() throws {
    let template = """
      {% for m in messages %}{% set text = m.content %}{% if not loop.last and m.role == 'assistant' %}\
      {% set text = text.split('</think>')[-1] | trim %}{% endif %}\
      {{ '<|im_start|>' ~ m.role ~ '\\n' ~ text ~ '<|im_end|>\\n' }}{% endfor %}\(Self.prompt)
      """
    let (scored, lines) = try ChatBase.outcome(
      template,
      ChatBase.conversation([
        ("user", "a"), ("assistant", "<think>\nhm\n</think>\n\nb"), ("user", "c"),
        ("assistant", "<think>\n</think>\n\nd"),
      ]))
    #expect(scored == ["b<|im_end|>\n", "<think>\n</think>\n\nd<|im_end|>\n"])
    #expect(lines == ["kept 1: the chat template leaves out or changes a part of what is said (a.jsonl:1)"])
  }

  @Test func aSystemMessageThatMovesToTheLastQuestion() throws {
    let template = """
      {{ bos_token }}{% set system = messages[0].content if messages[0].role == 'system' else '' %}\
      {% for m in messages if m.role != 'system' %}{% if m.role == 'user' %}\
      {{ '[INST]' ~ (system ~ ' ' if loop.last or loop.revindex == 2 else '') ~ m.content ~ '[/INST]' }}\
      {% else %}{{ m.content ~ eos_token }}{% endif %}{% endfor %}
      """
    let (scored, lines) = try ChatBase.outcome(
      template, ChatBase.conversation([("system", "Be brief.")] + Self.twoTurns))
    #expect(scored == ["White.</s>", "Yes, white.</s>"])
    #expect(lines.count == 1 && lines[0].hasPrefix("kept 1: the prompt's text is not a prefix of the whole"))
  }

  @Test func anEndThatIsWrittenOnlyOnce() throws {
    let template = """
      {% for m in messages %}{{ '<|' ~ m.role ~ '|>' ~ m.content ~ '<|end|>\\n' }}{% endfor %}\
      {{ '<|assistant|>' if add_generation_prompt else eos_token }}
      """
    let (scored, lines) = try ChatBase.outcome(template, ChatBase.conversation(Self.twoTurns))
    #expect(scored == ["White.<|end|>\n", "Yes, white.<|end|>\n</s>"])
    #expect(lines.isEmpty)
  }

  @Test func theNextAnswersBeginningIsNotScored() throws {
    let template = "{% for m in messages %}{{ \(Self.turn) }}{% endfor %}{{ '<|im_start|>assistant\\n' }}"
    let (scored, _) = try ChatBase.outcome(template, ChatBase.conversation(Self.twoTurns))
    #expect(scored == ["White.<|im_end|>\n", "Yes, white.<|im_end|>\n"])
  }

  @Test func whatCannotBeToldApartIsLeftOut() throws {
    let template = "{% for m in messages | reverse %}{{ m.content | upper }}{% endfor %}"
    let (scored, lines) = try ChatBase.outcome(template, ChatBase.conversation(Self.twoTurns))
    #expect(scored.isEmpty)
    #expect(
      lines == [
        "left out 1: the chat template rewrites the conversation, so the place of an answer in it is unknown (a.jsonl:1)"
      ])
  }

  @Test func marksOfTheTemplate() throws {
    let template = """
      {% for m in messages %}{{ '<|im_start|>' ~ m.role ~ '\\n' }}{% if m.role == 'assistant' %}\
      {% generation %}{{ m.content }}{% endgeneration %}{% else %}{{ m.content }}{% endif %}\
      {{ '<|im_end|>\\n' }}{% endfor %}\(Self.prompt)
      """
    let conversation = ChatBase.conversation(Self.twoTurns)
    #expect(try ChatBase.outcome(template, conversation).scored == ["White.", "Yes, white."])
    #expect(
      try ChatBase.outcome(template, conversation, mask: .turns).scored == [
        "White.<|im_end|>\n", "Yes, white.<|im_end|>\n",
      ])
    #expect(try ChatBase.outcome(template, conversation, mask: .last).scored == ["Yes, white.<|im_end|>\n"])
    let unweighted = Conversation(
      messages: [
        Message(role: "user", content: "a"),
        Message(
          role: "assistant", content: "b", fields: ["role": "assistant", "content": "b", "weight": 0]),
        Message(role: "user", content: "c"), Message(role: "assistant", content: "d"),
      ], location: RecordLocation(file: "a.jsonl", line: 1))
    #expect(try ChatBase.outcome(template, unweighted).scored == ["d"])
    #expect(try ChatBase.outcome(template, unweighted, mask: .turns).scored == ["d<|im_end|>\n"])
    #expect(try ChatBase.outcome(template, unweighted, mask: .last).scored == ["d<|im_end|>\n"])
    #expect(throws: AlignmentError.self) {
      try SequenceBuilder(format: ChatFormat(tokenizer: ChatBase.tokenizer, template: .chatml), mask: .template)
    }
  }

  @Test func callsOfToolsAreLearnedAndTheirResultsAreNot() throws {
    let template = """
      {% for m in messages %}{{ '<|im_start|>' ~ m.role ~ '\\n' }}{% if m.tool_calls %}\
      {{ m.tool_calls[0].function.name ~ m.tool_calls[0].function.arguments | tojson }}{% else %}{{ m.content }}{% endif %}\
      {{ '<|im_end|>\\n' }}{% endfor %}\(Self.prompt)
      """
    let call: JSON = [
      "role": "assistant", "content": .null,
      "tool_calls": [["type": "function", "function": ["name": "add", "arguments": ["a": 1]]]],
    ]
    let conversation = Conversation(
      messages: [
        Message(role: "user", content: "1?"), Message(role: "assistant", content: "", fields: call),
        Message(role: "tool", content: "2"), Message(role: "assistant", content: "2"),
      ], location: RecordLocation(file: "a.jsonl", line: 1))
    let (scored, lines) = try ChatBase.outcome(template, conversation)
    #expect(scored == ["add{\"a\": 1}<|im_end|>\n", "2<|im_end|>\n"])
    #expect(lines.isEmpty)
  }

  @Test(arguments: [
    (ChatTemplate.tulu, "</s>", "</s>"), (.chatml, "<|im_end|>\n", "<|im_end|>"), (.zephyr, "</s>\n", "</s>"),
  ])
  func endings(template: ChatTemplate, text: String, token: String) throws {
    let ending = try #require(AnswerEnding(ChatFormat(tokenizer: ChatBase.tokenizer, template: template)))
    #expect(ending.text == text)
    #expect(ending.token.flatMap(ChatBase.tokenizer.token) == token)
  }

  @Test func anEndInPlainTextIsNone() throws {
    let ending = AnswerEnding(ChatFormat(tokenizer: ChatBase.tokenizer, template: .llama3))
    #expect(ending?.text == "<|eot_id|>" && ending?.token == nil)
  }
}
