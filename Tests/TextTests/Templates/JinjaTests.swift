import JSON
import Testing
import Text

@Suite struct JinjaTests {
  /// Every snippet renders as jinja2 renders it, with the marks that transformers gives it, and fails where jinja2 fails.
  @Test func rendersAsJinja2Does() throws {
    let fixture = try TemplateFixtures.load("templates-snippets")
    let cases = try #require(fixture["cases"]?.array)
    #expect(cases.count > 350)
    for snippet in cases {
      let source = try #require(snippet["template"]?.string)
      let context = try #require(fixture["contexts"]?[snippet["context"]?.string ?? ""]?.object)
      switch (TemplateFixtures.trace(source, context), snippet["expected"]?.string) {
      case (.success(let rendering), let expected?):
        #expect(Array(rendering.text.utf8) == Array(expected.utf8), "\(source)\n\(rendering.text)\n\(expected)")
        let marked = snippet["generations"]?.array ?? []
        let generations = rendering.generations.map { JSON.array([.integer($0.lowerBound), .integer($0.upperBound)]) }
        #expect(generations == marked, "\(source)")
      case (.success(let rendering), nil):
        Issue.record("\(source) fails in jinja2, and here gives: \(rendering.text)")
      case (.failure(let error), .some): Issue.record("\(source) fails: \(error)")
      case (.failure(let error), nil):
        if let message = snippet["raised"]?.string { #expect(error.reason == message) }
        #expect(!error.description.contains { $0.isNewline })
        #expect(error.line != nil)
      }
    }
  }

  @Test(arguments: [
    ("{% macro m() %}{%- generation -%}a{% endgeneration %}{% endmacro %}", true),
    ("{% if false %}{%+ generation\n%}a{% endgeneration %}{% endif %}", true),
    ("{# {% generation %} #}{% raw %}{% generation %}{% endraw %}{{ '{% generation %}' }}", false),
  ])
  func knowsWhetherItMarksGenerations(source: String, marks: Bool) throws {
    #expect(try JinjaTemplate(source: source, name: "snippet").marksGenerations == marks)
  }
}
