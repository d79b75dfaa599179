import Foundation
import JSON
import Testing
import Text

/// The folder that `Scripts/check_templates.py` filled.
private let folder = ProcessInfo.processInfo.environment["CARAVAN_TEMPLATE_CASES"].map { URL(filePath: $0) }

/// Compares whole templates with transformers over random conversations, by hand.
@Suite struct TransformersTemplateTests {
  @Test(.enabled(if: folder != nil, "set CARAVAN_TEMPLATE_CASES"))
  func rendersWhatTransformersRenders() throws {
    let files = try FileManager.default.contentsOfDirectory(at: #require(folder), includingPropertiesForKeys: nil)
    for file in files.sorted(by: { $0.path < $1.path }) where file.pathExtension == "json" {
      let fixture = try JSON(parsing: [UInt8](Data(contentsOf: file)))
      let cases = try #require(fixture["cases"]?.array)
      let template = try JinjaTemplate(source: #require(fixture["template"]?.string), name: file.lastPathComponent)
      let differences = try cases.compactMap { try difference($0, template) }
      print("\(file.lastPathComponent): \(cases.count - differences.count) of \(cases.count) agree")
      if let first = differences.first { Issue.record("\(file.lastPathComponent): \(first)") }
    }
  }

  /// What tells the rendering from transformers'; nil where nothing does.
  private func difference(_ expected: JSON, _ template: JinjaTemplate) throws -> String? {
    let values = try #require(expected["values"]?.object)
    do {
      let rendering = try template.renderTracing(values, clock: TemplateFixtures.clock)
      let generations = rendering.generations.map { JSON.array([.integer($0.lowerBound), .integer($0.upperBound)]) }
      guard let text = expected["expected"]?.string else {
        return "transformers refuses (\(expected["error"] ?? .null)): \(values)\n\(rendering.text)"
      }
      if Array(text.utf8) != Array(rendering.text.utf8) { return "\(values)\n\(rendering.text)\n\(text)" }
      let marked = expected["generations"]?.array ?? []
      return generations == marked ? nil : "marks \(generations), not \(marked): \(values)"
    } catch {
      if expected["expected"] != nil { return "\(error): \(values)" }
      let message = expected["raised"]?.string
      return message == nil || message == error.reason ? nil : "refuses with \(error), not \(message ?? "")"
    }
  }
}
