import Foundation
import JSON
import TestSupport
import Testing
import Text

@Suite struct ChatTemplateTests {
  private let conversation = [
    Message(role: "system", content: " Be brief. "), Message(role: "user", content: "1+1?\n"),
    Message(role: "assistant", content: "\n2. "), Message(role: "user", content: "2+2?"),
    Message(role: "assistant", content: "4"),
  ]

  @Test func tuluIsWhatItsModelsWereTrainedOn() throws {
    #expect(
      try text(.tulu, conversation)
        == "<s><|system|>\nBe brief.\n<|user|>\n1+1?\n<|assistant|>\n2.</s>\n<|user|>\n2+2?\n<|assistant|>\n4</s>")
    #expect(
      try text(.tulu, Array(conversation.prefix(2)), prompting: true)
        == "<s><|system|>\nBe brief.\n<|user|>\n1+1?\n<|assistant|>\n")
    #expect(
      try ChatTemplate.tulu.render(
        Array(conversation.suffix(2)), addingGenerationPrompt: false, specialTokens: ["eos_token": "<|endoftext|>"])
        == "<|user|>\n2+2?\n<|assistant|>\n4<|endoftext|>")
  }

  /// What a prompt renders to begins what the prompt with its answer renders to.
  @Test(arguments: ChatTemplate.names)
  func promptBeginsTheWhole(name: String) throws {
    let template = try #require(ChatTemplate.named(name))
    let prompt = try text(template, Array(conversation.dropLast()), prompting: true)
    #expect(try text(template, conversation).hasPrefix(prompt))
    let answered = try text(template, conversation + [Message(role: "user", content: "3+3?")], prompting: true)
    #expect(answered.hasPrefix(try text(template, conversation)))
  }

  @Test func tuluRefusesOtherRoles() {
    let error = #expect(throws: TemplateError.self) { try text(.tulu, [Message(role: "critic", content: "Hm")]) }
    #expect(
      error?.description
        == "chat template tulu, line 4: the tulu format has no role 'critic'; use system, user or assistant")
  }

  @Test func builtInsAreTheirFormats() throws {
    let messages = Array(conversation.prefix(3))
    #expect(
      try text(.chatml, messages, prompting: true)
        == "<|im_start|>system\n Be brief. <|im_end|>\n<|im_start|>user\n1+1?\n<|im_end|>\n<|im_start|>assistant\n\n2. "
        + "<|im_end|>\n<|im_start|>assistant\n")
    #expect(
      try text(.llama3, messages)
        == "<s><|start_header_id|>system<|end_header_id|>\n\nBe brief.<|eot_id|><|start_header_id|>user<|end_header_id|>"
        + "\n\n1+1?<|eot_id|><|start_header_id|>assistant<|end_header_id|>\n\n2.<|eot_id|>")
    #expect(
      try text(.zephyr, Array(messages.dropFirst()), prompting: true)
        == "<|user|>\n1+1?\n</s>\n<|assistant|>\n\n2. </s>\n<|assistant|>\n")
    #expect(ChatTemplate.names == ["tulu", "chatml", "llama-3", "zephyr"])
  }

  @Test func textOfMessagesIsNeverRunAsTemplate() throws {
    let hostile = "{{ raise_exception('x') }}{% for %}{# e\u{301} 👩‍👩‍👧 \r\n"
    #expect(try text(.chatml, [Message(role: "user", content: hostile)]).contains("user\n" + hostile + "<|im_end|>"))
  }

  @Test func readsNamesAndFiles() throws {
    #expect(try ChatTemplate(nameOrFile: "tulu").source == ChatTemplate.tulu.source)
    let folder = try TemporaryFolder()
    let file = try folder.write("template.jinja", "{{ bos_token }}{{ messages[0].content }}\n")
    #expect(try text(ChatTemplate(nameOrFile: file.path), conversation) == "<s> Be brief. ")
    try folder.write("template.jinja", [0x7B, 0xC3, 0x28])
    let notText = #expect(throws: TemplateError.self) { try ChatTemplate(nameOrFile: file.path) }
    #expect(notText?.reason == "the file is not UTF-8 text")
    let missing = #expect(throws: TemplateError.self) { try ChatTemplate(nameOrFile: "tullu") }
    #expect(
      missing?.description == "chat template tullu: there is no built-in template of that name (tulu, chatml, llama-3, "
        + "zephyr) and no file at that path that can be read")
  }

  /// Published templates give what they give in jinja2, for every conversation.
  @Test(.enabled(if: TemplateFixtures.hasPublished, "the folder of published templates is absent"))
  func publishedTemplatesRenderAsInJinja2() throws {
    let fixture = try TemplateFixtures.load("templates-conversations")
    let conversations = try #require(fixture["conversations"]?.array)
    for (file, expected) in try #require(fixture["renders"]?.object) {
      let template = try ChatTemplate(nameOrFile: TemplateFixtures.published.appending(path: file).path)
      for (conversation, expected) in zip(conversations, try #require(expected.array)) {
        let result = Result { () throws(TemplateError) in
          try template.renderTracing(
            conversation["messages"] ?? .null, ChatContext(tools: conversation["tools"]?.array ?? []),
            addingGenerationPrompt: conversation["add_generation_prompt"] == true,
            specialTokens: ["bos_token": "<s>", "eos_token": "</s>"], clock: TemplateFixtures.clock
          ).text
        }
        switch (result, expected["expected"]?.string) {
        case (.success(let text), let expected?):
          #expect(Array(text.utf8) == Array(expected.utf8), "\(file)\n\(text)\n\(expected)")
        case (.success(let text), nil): Issue.record("\(file) fails in jinja2, and here gives: \(text)")
        case (.failure(let error), .some): Issue.record("\(error)")
        case (.failure(let error), nil):
          if let message = expected["raised"]?.string { #expect(error.reason == message) }
        }
      }
    }
  }

  private func text(_ template: ChatTemplate, _ messages: [Message], prompting: Bool = false) throws -> String {
    try template.render(
      messages, addingGenerationPrompt: prompting, specialTokens: ["bos_token": "<s>", "eos_token": "</s>"])
  }
}
