extension Jinja {
  /// What a `{% generation %}` block rendered, measured as transformers' `AssistantTracker` measures it: from the end of
  /// what the template has printed by then, for as many scalars as the block gave. Within a macro or another captured
  /// text this is not where the block's text ends up.
  struct Generation {
    /// Bytes printed before.
    let start: Int
    let scalars: Int

    /// The bytes of the template's whole text; what would lie beyond its end is cut off.
    func bytes(of text: String) -> Range<Int> {
      let rest = text.utf8.index(text.startIndex, offsetBy: start)
      let end = text.unicodeScalars.index(rest, offsetBy: scalars, limitedBy: text.endIndex) ?? text.endIndex
      return start..<text.utf8.distance(from: text.startIndex, to: end)
    }
  }
}

extension Jinja.Interpreter {
  func run(generation body: [Statement]) throws {
    let line = line
    let text = try inScope { try capture { _ = try run(body) } }
    self.line = line
    generations.append(Jinja.Generation(start: printed, scalars: text.unicodeScalars.count))
    try write(text)
  }
}
