import JSON

/// A pattern of paths, as fsspec has them: `*`, `?` and `[…]` stay within a part of the path, and a part `**` stands for
/// any number of parts.
struct Glob {
  private enum Part {
    case anyParts
    case part([Symbol])
  }

  private enum Symbol {
    case any, one
    case literal(Unicode.Scalar)
    case set([ClosedRange<Unicode.Scalar>], isNegated: Bool)
  }

  /// The pattern with `.` parts left out.
  let text: String
  private let parts: [Part]

  /// - Throws: `LayoutError` for a `**` within a part.
  init(_ pattern: String) throws(LayoutError) {
    let texts = pattern.split(separator: "/").filter { $0 != "." }
    text = texts.joined(separator: "/")
    var parts: [Part] = []
    for text in texts {
      guard text == "**" || !text.contains("**") else {
        throw LayoutError("the pattern '\(shown(pattern))' has '**' within a name, where only a whole part may be '**'")
      }
      parts.append(text == "**" ? .anyParts : .part(Self.symbols(text)))
    }
    self.parts = parts
  }

  /// Whether the pattern stands for other paths than the one it spells.
  var hasWildcards: Bool { text.contains { "*?[".contains($0) } }

  /// Whether a path matches.
  func matches(_ path: String) -> Bool {
    let names = path.split(separator: "/").map { Array($0.unicodeScalars) }
    // Which beginnings of the path the parts so far match.
    var reached = [Bool](repeating: false, count: names.count + 1)
    reached[0] = true
    for (number, part) in parts.enumerated() {
      var next = [Bool](repeating: false, count: names.count + 1)
      switch part {
      case .anyParts:
        // At the end it stands for a part at least.
        let least = number == parts.count - 1 ? 1 : 0
        var isReached = false
        for index in reached.indices.dropFirst(least) {
          isReached = isReached || reached[index - least]
          next[index] = isReached
        }
      case .part(let symbols):
        for index in names.indices where reached[index] && Self.matches(names[index], symbols) {
          next[index + 1] = true
        }
      }
      reached = next
    }
    return reached[names.count]
  }

  private static func symbols(_ text: Substring) -> [Symbol] {
    let scalars = Array(text.unicodeScalars)
    var symbols: [Symbol] = []
    var index = 0
    while index < scalars.count {
      switch scalars[index] {
      case "*": symbols.append(.any)
      case "?": symbols.append(.one)
      case "[":
        // A bracket that is first in its set belongs to the set.
        let isNegated = index + 1 < scalars.count && scalars[index + 1] == "!"
        let start = index + (isNegated ? 2 : 1)
        if start < scalars.count, let end = scalars[(start + 1)...].firstIndex(of: "]") {
          symbols.append(.set(ranges(scalars[start..<end]), isNegated: isNegated))
          index = end
        } else {
          symbols.append(.literal("["))
        }
      case let scalar: symbols.append(.literal(scalar))
      }
      index += 1
    }
    return symbols
  }

  private static func ranges(_ scalars: ArraySlice<Unicode.Scalar>) -> [ClosedRange<Unicode.Scalar>] {
    var ranges: [ClosedRange<Unicode.Scalar>] = []
    var rest = scalars
    while let first = rest.popFirst() {
      guard rest.count >= 2, rest.first == "-" else {
        ranges.append(first...first)
        continue
      }
      rest.removeFirst()
      if let last = rest.popFirst(), first <= last { ranges.append(first...last) }
    }
    return ranges
  }

  /// Goes back to the last `*` only, which is enough, and takes no more than the product of both lengths.
  private static func matches(_ name: [Unicode.Scalar], _ symbols: [Symbol]) -> Bool {
    var (place, index) = (0, 0)
    var last: (index: Int, place: Int)?
    while place < name.count {
      if index < symbols.count, case .any = symbols[index] {
        last = (index, place)
        index += 1
      } else if index < symbols.count, matches(name[place], symbols[index]) {
        index += 1
        place += 1
      } else if let any = last {
        index = any.index + 1
        place = any.place + 1
        last = (any.index, place)
      } else {
        return false
      }
    }
    return symbols[index...].allSatisfy { if case .any = $0 { true } else { false } }
  }

  private static func matches(_ scalar: Unicode.Scalar, _ symbol: Symbol) -> Bool {
    switch symbol {
    case .any: false
    case .one: true
    case .literal(let literal): scalar == literal
    case .set(let ranges, let isNegated): ranges.contains { $0.contains(scalar) } != isNegated
    }
  }
}
