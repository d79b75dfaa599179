import Testing
import Text

/// Which of a folder's templates transformers 5.24 takes.
@Suite struct FolderTemplateTests {
  @Test(arguments: [
    (["tokenizer_config.json": list("default", "tool_use")], "default", "tool_use"),
    (["tokenizer_config.json": list("rag", "default")], "default", "default"),
    (["tokenizer_config.json": list("tool_use")], nil, "tool_use"),
    (["tokenizer_config.json": list("rag", "x")], nil, nil),
    (["tokenizer_config.json": #"{"chat_template": {"default": "d"}}"#], "d", "d"),
    (["tokenizer_config.json": one, "additional_chat_templates/tool_use.jinja": "T"], nil, "T"),
    (
      ["tokenizer_config.json": one, "additional_chat_templates/rag.jinja": "R", "chat_template.jinja": "file"], "file",
      "file"
    ),
    (["tokenizer_config.json": one, "chat_template.json": #"{"chat_template": "json"}"#], "one", "one"),
  ])
  func choosesAsTransformers(files: [String: String], plain: String?, withTools: String?) throws {
    let tokenizer = try tokenizer(files)
    #expect((try? tokenizer.chatTemplate(withTools: false)) == plain)
    #expect((try? tokenizer.chatTemplate(withTools: true)) == withTools)
    #expect(tokenizer.chatTemplate == plain)
    #expect(tokenizer.remarks.isEmpty)
  }

  @Test func saysWhichThereAre() throws {
    let tokenizer = try tokenizer(["tokenizer_config.json": Self.list("rag", "tool_use")])
    let error = #expect(throws: TokenizerError.self) { try tokenizer.chatTemplate(withTools: false) }
    #expect(
      error?.reason
        == #"none of the chat templates ("rag", "tool_use") is named "default"; give the one to use as a file"#)
  }

  @Test func hasNone() throws {
    #expect(try tokenizer([:]).chatTemplate(withTools: true) == nil)
    let tokenizer = try tokenizer(["chat_template.json": #"{"chat_template": "json"}"#])
    #expect(try tokenizer.chatTemplate(withTools: false) == nil)
    #expect(
      tokenizer.remarks == [
        "chat_template.json is not read: transformers takes it for a processor's template, not a tokenizer's"
      ])
  }

  @Test(arguments: ["5", #"[{"name": "default"}]"#, #"["x"]"#, #"{"default": 1}"#])
  func refusesWhatIsNoTemplate(field: String) throws {
    let error = #expect(throws: TokenizerError.self) {
      try tokenizer(["tokenizer_config.json": #"{"chat_template": \#(field)}"#])
    }
    #expect(error?.reason == "chat_template should be a text, or a list of texts with names")
  }

  private static let one = #"{"chat_template": "one"}"#

  private static func list(_ names: String...) -> String {
    #"{"chat_template": [\#(names.map { #"{"name": "\#($0)", "template": "\#($0)"}"# }.joined(separator: ", "))]}"#
  }

  private func tokenizer(_ files: [String: String]) throws -> Tokenizer {
    try Fixtures.tokenizer(files.merging(["tokenizer.json": TokenizerFolderTests.small]) { $1 })
  }
}
