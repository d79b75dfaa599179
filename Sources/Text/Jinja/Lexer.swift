extension Jinja {
  /// Splits a template into tokens, and takes away white space around tags as `trim_blocks` (a newline after a block)
  /// and `lstrip_blocks` (blanks between the line's start and a block) and the signs `-` and `+` say.
  struct Lexer {
    let source: [Unicode.Scalar]
    var position = 0
    var line = 1
    var tokens: [Token] = []

    /// All newlines count as `\n`, and one at the very end is dropped, as jinja2 does.
    init(_ text: String) throws {
      guard text.utf8.count <= Limit.source else { throw Failure("the template is larger than \(Limit.source) bytes") }
      var scalars: [Unicode.Scalar] = []
      for scalar in text.unicodeScalars {
        if scalar == "\n", scalars.last == "\r" { scalars.removeLast() }
        if let last = scalars.last, last == "\r" { scalars[scalars.count - 1] = "\n" }
        scalars.append(scalar)
      }
      if scalars.last == "\r" { scalars[scalars.count - 1] = "\n" }
      if scalars.last == "\n" { scalars.removeLast() }
      source = scalars
    }

    /// The tokens of the whole template; the last is `end`.
    mutating func tokenize() throws -> [Token] {
      while position < source.count { try textAndTag() }
      append(.end)
      return tokens
    }

    mutating func append(_ kind: Token.Kind) { tokens.append(Token(kind: kind, line: line)) }

    /// Moves on, counting lines.
    mutating func advance(to end: Int) {
      while position < end {
        if source[position] == "\n" { line += 1 }
        position += 1
      }
    }

    /// Text up to the next tag, and that tag.
    private mutating func textAndTag() throws {
      guard let open = nextOpening() else {
        append(.data(string(position..<source.count)))
        advance(to: source.count)
        return
      }
      let kind = source[open + 1]
      let sign = scalar(open + 2).flatMap { $0 == "-" || $0 == "+" ? $0 : nil }
      let text = trimmedEnd(of: position..<open, sign: sign, isBlock: kind != "{")
      if !text.isEmpty { append(.data(string(text))) }
      advance(to: open)
      if kind == "%", let body = endOfRawBegin(open, sign: sign) { return try raw(from: body) }
      advance(to: open + (sign == nil ? 2 : 3))
      switch kind {
      case "#": try comment()
      case "%":
        append(.blockBegin)
        try tag(closing: "%")
      default:
        append(.variableBegin)
        try tag(closing: "}")
      }
    }

    private func nextOpening() -> Int? {
      var index = position
      while index + 1 < source.count {
        if source[index] == "{", source[index + 1] == "%" || source[index + 1] == "{" || source[index + 1] == "#" {
          return index
        }
        index += 1
      }
      return nil
    }

    /// What remains of the text before a tag.
    private func trimmedEnd(of range: Range<Int>, sign: Unicode.Scalar?, isBlock: Bool) -> Range<Int> {
      var end = range.upperBound
      if sign == "-" {
        while end > range.lowerBound, PythonText.isSpace(source[end - 1]) { end -= 1 }
        return range.lowerBound..<end
      }
      guard isBlock, sign == nil else { return range }
      while end > range.lowerBound, source[end - 1] != "\n" {
        guard PythonText.isSpace(source[end - 1]) else { return range }
        end -= 1
      }
      let startsLine = end == 0 || source[end - 1] == "\n"
      return startsLine ? range.lowerBound..<end : range
    }

    private mutating func comment() throws {
      let start = line
      while position < source.count {
        let sign = source[position] == "-" || source[position] == "+" ? source[position] : nil
        if let end = endOfTag("#", at: position, sign: sign) { return advance(to: end) }
        advance(to: position + 1)
      }
      throw Failure("the comment '{#' has no end", line: start)
    }

    private mutating func raw(from body: Int) throws {
      let start = line
      advance(to: body)
      var index = position
      while index + 1 < source.count {
        if source[index] == "{", source[index + 1] == "%" {
          let sign = scalar(index + 2).flatMap { $0 == "-" || $0 == "+" ? $0 : nil }
          let word = skipSpace(index + (sign == nil ? 2 : 3))
          if matches("endraw", at: word) {
            let close = skipSpace(word + 6)
            let closeSign = scalar(close).flatMap { $0 == "-" || $0 == "+" ? $0 : nil }
            if let end = endOfTag("%", at: close, sign: closeSign) {
              let text = trimmedEnd(of: position..<index, sign: sign, isBlock: true)
              if !text.isEmpty { append(.data(string(text))) }
              return advance(to: end)
            }
          }
        }
        index += 1
      }
      throw Failure("the block 'raw' has no end", line: start)
    }

    /// Where the text after `{% raw %}` begins; nil if the tag is another one.
    private func endOfRawBegin(_ open: Int, sign: Unicode.Scalar?) -> Int? {
      let word = skipSpace(open + (sign == nil ? 2 : 3))
      guard matches("raw", at: word) else { return nil }
      let close = skipSpace(word + 3)
      if matches("-%}", at: close) { return skipSpace(close + 3) }
      return matches("%}", at: close) ? close + 2 : nil
    }

    /// Where the tag's end (`%}`, `}}`, `#}` with a sign before it) is over, white space that it swallows included.
    func endOfTag(_ closing: Unicode.Scalar, at index: Int, sign: Unicode.Scalar?) -> Int? {
      let close = sign == nil ? index : index + 1
      guard scalar(close) == closing, scalar(close + 1) == "}" else { return nil }
      if sign == "-" { return skipSpace(close + 2) }
      if closing == "}" { return sign == nil ? close + 2 : nil }
      return sign == nil && scalar(close + 2) == "\n" ? close + 3 : close + 2
    }

    func scalar(_ index: Int) -> Unicode.Scalar? { index < source.count ? source[index] : nil }

    func matches(_ word: String, at index: Int) -> Bool {
      source[min(index, source.count)...].starts(with: word.unicodeScalars)
    }

    func skipSpace(_ index: Int) -> Int {
      var index = index
      while let scalar = scalar(index), PythonText.isSpace(scalar) { index += 1 }
      return index
    }

    func string(_ range: Range<Int>) -> String { PythonText.string(source[range]) }
  }
}
