import JSON

extension Jinja {
  /// A piece of a template, as the parser sees it.
  struct Token: Equatable {
    enum Kind: Equatable {
      /// Text outside of tags, to be printed as it is.
      case data(String)
      case variableBegin, variableEnd
      case blockBegin, blockEnd
      /// A word: a variable, or a key word where the grammar expects one.
      case name(String)
      case string(String)
      case integer(Int)
      case float(Double)
      case symbol(String)
      case end
    }

    let kind: Kind
    let line: Int

    /// The token in quotes, for messages.
    var text: String {
      switch kind {
      case .data: "text"
      case .variableBegin: "'{{'"
      case .variableEnd: "'}}'"
      case .blockBegin: "'{%'"
      case .blockEnd: "'%}'"
      case .name(let name): "'\(name)'"
      case .string(let string): "the string \(PythonText.quoted(string))"
      case .integer(let value): "'\(value)'"
      case .float(let value): "'\(value)'"
      case .symbol(let symbol): "'\(symbol)'"
      case .end: "the end of the template"
      }
    }
  }
}
