/// A Jinja interpreter for chat templates: the language as jinja2 3.1 runs it inside transformers (sandboxed, with
/// `trim_blocks`, `lstrip_blocks` and loop controls), with Python's rules for values and their text.
///
/// `Lexer` → `Parser` → `Statement` and `Expression` → `Interpreter`. Templates come with downloaded models, so they are
/// not trusted: they see only the values they are given, and run within `Limit`.
package enum Jinja {
  /// What a template may use up. Each bound is far above what published templates need.
  enum Limit {
    /// Unicode scalars of a template's source.
    static let source = 1 << 20
    /// Brackets in brackets and blocks in blocks.
    static let nesting = 64
    /// Height of the syntax tree of one expression, which chains of operators also raise.
    static let syntaxDepth = 200
    /// Expressions and blocks being evaluated inside each other, macro calls included.
    static let callDepth = 320
    /// Lists and other containers inside each other.
    static let valueDepth = 600
    /// Size of one value, in bytes of its text: a list counts its elements as often as it holds them.
    static let valueWeight = 1 << 25
    /// Work that is counted for evaluating one expression or statement.
    static let step = 64
    /// Work for each byte that is searched through, which costs more than copying it.
    static let search = 4
    /// Length of a `range`, as in jinja2's sandbox.
    static let range = 100_000
  }

  /// Why a template cannot be read or run; the interpreter adds where.
  struct Failure: Error {
    let reason: String
    /// The line, where it is not the one that the interpreter is at.
    var line: Int?
    init(_ reason: String, line: Int? = nil) {
      self.reason = reason
      self.line = line
    }
  }
}
