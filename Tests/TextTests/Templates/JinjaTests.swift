import JSON
import OrderedCollections
import Testing
import Text

@Suite struct JinjaTests {
  /// Every snippet renders as jinja2 renders it, and fails where jinja2 fails.
  @Test func rendersAsJinja2Does() throws {
    let fixture = try TemplateFixtures.load("templates-snippets")
    let cases = try #require(fixture["cases"]?.array)
    #expect(cases.count > 350)
    for snippet in cases {
      let source = try #require(snippet["template"]?.string)
      let context = try #require(fixture["contexts"]?[snippet["context"]?.string ?? ""]?.object)
      switch (TemplateFixtures.render(source, context), snippet["expected"]?.string) {
      case (.success(let text), let expected?):
        #expect(Array(text.utf8) == Array(expected.utf8), "\(source)\n\(text)\n\(expected)")
      case (.success(let text), nil): Issue.record("\(source) fails in jinja2, and here gives: \(text)")
      case (.failure(let error), .some): Issue.record("\(source) fails: \(error)")
      case (.failure(let error), nil):
        if let message = snippet["raised"]?.string { #expect(error.reason == message) }
        #expect(!error.description.contains { $0.isNewline })
        #expect(error.line != nil)
      }
    }
  }
}
