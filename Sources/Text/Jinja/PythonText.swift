extension Jinja {
  /// Strings as Python sees them: sequences of code points (not of grapheme clusters, as Swift's own methods do).
  package enum PythonText {
    package static func string(_ scalars: some Sequence<Unicode.Scalar>) -> String {
      var view = String.UnicodeScalarView()
      view.append(contentsOf: scalars)
      return String(view)
    }

    /// Equal code points; Swift's `==` would also call canonically equivalent texts equal.
    package static func areEqual(_ a: String, _ b: String) -> Bool {
      a.utf8.count == b.utf8.count && a.utf8.elementsEqual(b.utf8)
    }

    /// Order by code points, which is the order of the UTF-8 bytes.
    static func isLess(_ a: String, _ b: String) -> Bool { a.utf8.lexicographicallyPrecedes(b.utf8) }

    /// `str.isspace` of one code point.
    package static func isSpace(_ scalar: Unicode.Scalar) -> Bool {
      if scalar.isASCII { return scalar == " " || (9...13).contains(scalar.value) || (28...31).contains(scalar.value) }
      return scalar.properties.isWhitespace
    }

    package static func strip(_ text: String, _ characters: String? = nil, left: Bool = true, right: Bool = true)
      -> String
    {
      let strips: (Unicode.Scalar) -> Bool
      if let characters {
        let set = Set(characters.unicodeScalars)
        strips = set.contains
      } else {
        strips = isSpace
      }
      var rest = text.unicodeScalars[...]
      if left { rest = rest.drop(while: strips) }
      if right { while let last = rest.last, strips(last) { rest.removeLast() } }
      return String(rest)
    }

    /// Byte offsets where `needle`, which is not empty, begins, not overlapping, from the left.
    ///
    /// Knuth, Morris and Pratt's search, since a hostile text must not make it quadratic.
    package static func offsets(of needle: [UInt8], in bytes: [UInt8], limit: Int = .max) -> [Int] {
      guard !needle.isEmpty, needle.count <= bytes.count, limit > 0 else { return [] }
      // For each prefix of the needle: the length of its longest proper prefix that is also its end.
      var borders = [0]
      borders.reserveCapacity(needle.count)
      var matched = 0
      for byte in needle.dropFirst() {
        while matched > 0, needle[matched] != byte { matched = borders[matched - 1] }
        if needle[matched] == byte { matched += 1 }
        borders.append(matched)
      }
      var found: [Int] = []
      matched = 0
      var index = 0
      while found.count < limit {
        if matched == 0 {
          // Most bytes do not begin a match.
          guard let next = bytes[index...].firstIndex(of: needle[0]) else { break }
          index = next
        }
        guard index < bytes.count else { break }
        while matched > 0, needle[matched] != bytes[index] { matched = borders[matched - 1] }
        if needle[matched] == bytes[index] { matched += 1 }
        index += 1
        guard matched == needle.count else { continue }
        found.append(index - needle.count)
        matched = 0
      }
      return found
    }

    package static func contains(_ text: String, _ part: String) -> Bool {
      part.isEmpty || !offsets(of: Array(part.utf8), in: Array(text.utf8), limit: 1).isEmpty
    }

    /// `str.split` and `str.rsplit`; `limit` splits at most.
    package static func split(_ text: String, by separator: String?, limit: Int, fromRight: Bool = false) -> [String] {
      guard let separator else { return words(text, limit: limit, fromRight: fromRight) }
      var bytes = Array(text.utf8)
      var needle = Array(separator.utf8)
      if fromRight {
        bytes.reverse()
        needle.reverse()
      }
      var pieces: [ArraySlice<UInt8>] = []
      var start = 0
      for offset in offsets(of: needle, in: bytes, limit: limit) {
        pieces.append(bytes[start..<offset])
        start = offset + needle.count
      }
      pieces.append(bytes[start...])
      guard fromRight else { return pieces.map { String(decoding: $0, as: UTF8.self) } }
      return pieces.reversed().map { String(decoding: $0.reversed(), as: UTF8.self) }
    }

    private static func words(_ text: String, limit: Int, fromRight: Bool) -> [String] {
      var words: [String] = []
      var rest = Array(text.unicodeScalars)[...]
      if fromRight {
        while true {
          while let last = rest.last, isSpace(last) { rest.removeLast() }
          if rest.isEmpty { break }
          let start = words.count < limit ? rest.lastIndex(where: isSpace).map { $0 + 1 } : nil
          let word = rest[(start ?? rest.startIndex)...]
          words.append(string(word))
          rest = rest[..<word.startIndex]
        }
        return words.reversed()
      }
      while true {
        rest = rest.drop(while: isSpace)
        if rest.isEmpty { break }
        let end = words.count < limit ? rest.firstIndex(where: isSpace) ?? rest.endIndex : rest.endIndex
        words.append(string(rest[..<end]))
        rest = rest[end...]
      }
      return words
    }

    /// `str.splitlines`.
    package static func lines(_ text: String, keepingEnds: Bool = false) -> [String] {
      let scalars = Array(text.unicodeScalars)
      var lines: [String] = []
      var start = 0
      var index = 0
      while index < scalars.count {
        let scalar = scalars[index]
        index += 1
        guard "\n\r\u{B}\u{C}\u{1C}\u{1D}\u{1E}\u{85}\u{2028}\u{2029}".unicodeScalars.contains(scalar) else { continue }
        let end = index - 1
        if scalar == "\r", index < scalars.count, scalars[index] == "\n" { index += 1 }
        lines.append(string(scalars[start..<(keepingEnds ? index : end)]))
        start = index
      }
      if start < scalars.count { lines.append(string(scalars[start...])) }
      return lines
    }

    /// `str.replace`; at most `limit` times.
    package static func replace(_ text: String, _ old: String, with new: String, limit: Int) -> String {
      if old.isEmpty {
        var result = ""
        var count = 0
        for scalar in text.unicodeScalars {
          if count < limit { result += new }
          count += 1
          result.unicodeScalars.append(scalar)
        }
        return count < limit ? result + new : result
      }
      return split(text, by: old, limit: limit).joined(separator: new)
    }
  }
}
