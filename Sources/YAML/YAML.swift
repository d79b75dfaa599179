import JSON
import Yams

/// YAML as this package reads and writes it, by way of Yams.
package enum YAML {
  /// More aliases than anyone writes by hand. Fewer cannot multiply to a size that hurts.
  package static let maximumAliases = 32

  /// More marks on one letter than any script writes. Yams has keys hashed as Swift hashes strings, which takes time quadratic in
  /// such a run.
  package static let maximumMarks = 256

  /// What is wrong with a text, and in which line of it.
  package struct Problem: Error {
    package let line: Int?
    package let reason: String
  }

  /// Reads one document; nil where there is none.
  package static func compose(_ text: String) throws(Problem) -> Node? {
    guard possibleAliases(in: text) <= maximumAliases else {
      throw Problem(line: nil, reason: "more than \(maximumAliases) YAML aliases (*name)")
    }
    guard !text.hasMarks(inARowOver: maximumMarks) else {
      throw Problem(line: nil, reason: "more than \(maximumMarks) combining marks in a row")
    }
    do {
      return try Yams.compose(yaml: text)
    } catch {
      throw problem(error, in: text)
    }
  }

  /// Writes the value as a block of YAML that ends with a newline.
  package static func text(of value: JSON) throws(Problem) -> String {
    do {
      return try serialize(node: node(of: value), width: -1, allowUnicode: true)
    } catch {
      throw problem(error, in: "")
    }
  }

  private static func node(of value: JSON) -> Node {
    switch value {
    case .null: Node("null", Tag(.null))
    case .bool(let value): Node(value ? "true" : "false", Tag(.bool))
    case .integer(let value): Node(String(value), Tag(.int))
    case .number(let value): Node(text(of: value), Tag(.float))
    case .string(let value): .scalar(value.represented())
    case .array(let elements): .sequence(.init(elements.map(node), Tag(.seq), elements.isEmpty ? .flow : .block))
    case .object(let members): .mapping(.init(members.map { (Node($0.key), node(of: $0.value)) }, Tag(.map)))
    }
  }

  private static func text(of value: Double) -> String {
    if value.isNaN { return ".nan" }
    if value.isInfinite { return value < 0 ? "-.inf" : ".inf" }
    return "\(value)"
  }

  /// Counts each `*` that could begin an alias, wherever it stands: rather too many than too few.
  private static func possibleAliases(in text: String) -> Int {
    var before = UInt8(ascii: "\n")
    var count = 0
    for (byte, after) in zip(text.utf8, text.utf8.dropFirst()) {
      let begins = before <= 0x20 || #"[]{},:"'?-"#.utf8.contains(before)
      if byte == UInt8(ascii: "*"), begins, after != byte, after > 0x20 { count += 1 }
      before = byte
    }
    return count
  }

  private static func problem(_ error: any Error, in text: String) -> Problem {
    switch error {
    case YamlError.reader(let problem, let offset, _, _):
      Problem(line: offset.map { text.prefix($0).reduce(1) { $1.isNewline ? $0 + 1 : $0 } }, reason: problem)
    case YamlError.scanner(let context, let problem, let mark, _),
      YamlError.parser(let context, let problem, let mark, _),
      YamlError.composer(let context, let problem, let mark, _):
      Problem(line: mark.line, reason: [context?.text, problem].compactMap(\.self).joined(separator: ", "))
    case YamlError.duplicatedKeysInMapping(let keys, let context):
      Problem(line: context.mark.line, reason: "'\(keys.first ?? "")' occurs more than once")
    case YamlError.writer(let problem), YamlError.emitter(let problem), YamlError.representer(let problem):
      Problem(line: nil, reason: problem)
    default:
      Problem(line: nil, reason: "not readable as YAML")
    }
  }
}

extension String {
  /// Whether more than `limit` combining marks stand in a row.
  fileprivate func hasMarks(inARowOver limit: Int) -> Bool {
    var run = 0
    for scalar in unicodeScalars {
      run = scalar.isASCII || scalar.properties.canonicalCombiningClass == .notReordered ? 0 : run + 1
      if run > limit { return true }
    }
    return false
  }
}
