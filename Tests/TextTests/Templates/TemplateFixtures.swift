import Foundation
import JSON
import TestSupport
import Text

/// What jinja2 renders, dumped by `Scripts/fixtures/templates.py`.
enum TemplateFixtures {
  /// The moment that `strftime_now` gives in the fixtures.
  static let clock = WallClock(year: 2024, month: 7, day: 26, hour: 9, minute: 5, second: 3, microsecond: 42)

  static func load(_ name: String) throws -> JSON {
    try JSON(file: Checkout.fixtures(of: "TextTests").appending(path: "\(name).json"))
  }

  /// The folder of published chat templates, which is not part of the repository.
  static let published = Checkout.shared("real/chat-templates")
  static let hasPublished = FileManager.default.fileExists(atPath: published.path)
}

extension TemplateFixtures {
  /// What a template renders, or why it does not.
  static func render(
    _ source: String, _ values: TextKeyed<JSON> = [:],
    work: Int = JinjaTemplate.allowedWork
  ) -> Result<String, TemplateError> {
    trace(source, values, work: work).map(\.text)
  }

  /// What a template renders and marks as generated.
  static func trace(
    _ source: String, _ values: TextKeyed<JSON>, work: Int = JinjaTemplate.allowedWork
  ) -> Result<(text: String, generations: [Range<Int>]), TemplateError> {
    Result { () throws(TemplateError) in
      try JinjaTemplate(source: source, name: "snippet").renderTracing(values, clock: clock, work: work)
    }
  }
}
