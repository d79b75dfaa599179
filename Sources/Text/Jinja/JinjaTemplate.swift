import JSON

/// A template that was read and can be rendered with different values.
package struct JinjaTemplate: Sendable {
  package let name: String
  /// What a rendering may do: bytes that are read or written, plus 64 for each evaluated expression. It is enough for
  /// conversations of some megabytes, and used up within seconds.
  package static let allowedWork = 1 << 27
  /// Whether a `{% generation %}` block stands anywhere in the template.
  package let marksGenerations: Bool
  private let statements: [Jinja.Statement]

  /// Reads the template's source; `name` is what errors call it.
  /// - Throws: `TemplateError`.
  package init(source: String, name: String) throws(TemplateError) {
    self.name = name
    do {
      (statements, marksGenerations) = try Jinja.Parser.parse(source)
    } catch {
      throw TemplateError(error, template: name, line: nil)
    }
  }

  /// The text for these values, with `clock` as the time that `strftime_now` gives.
  /// - Throws: `TemplateError`, also for templates that ask for too much work or memory.
  package func render(
    _ values: TextKeyed<JSON>, clock: WallClock = .now, work: Int = allowedWork
  ) throws(TemplateError) -> String {
    try renderTracing(values, clock: clock, work: work).text
  }

  /// The text as `render` gives it, and which of its UTF-8 bytes the `{% generation %}` blocks wrote, in the order in
  /// which the blocks end: what transformers marks as the assistant's.
  /// - Throws: `TemplateError`.
  package func renderTracing(
    _ values: TextKeyed<JSON>, clock: WallClock = .now, work: Int = allowedWork
  ) throws(TemplateError) -> (text: String, generations: [Range<Int>]) {
    var variables: TextKeyed<Jinja.Value> = [:]
    for (name, value) in values { variables[name] = Jinja.Value(value) }
    let interpreter = Jinja.Interpreter(variables: variables, clock: clock, work: work)
    defer { interpreter.finish() }
    do {
      let text = try interpreter.render(statements)
      return (text, interpreter.generations.map { $0.bytes(of: text) })
    } catch {
      throw TemplateError(error, template: name, line: interpreter.line)
    }
  }
}

extension TemplateError {
  fileprivate init(_ error: any Error, template: String, line: Int?) {
    guard let failure = error as? Jinja.Failure else {
      self.init(template: template, line: line, reason: "\(error)")
      return
    }
    self.init(template: template, line: failure.line ?? line, reason: failure.reason)
  }
}
