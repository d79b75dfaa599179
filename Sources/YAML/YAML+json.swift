import JSON
import Yams

extension YAML {
  /// Reads one document as JSON: what YAML knows as null, booleans and numbers, and all else as texts. Nil where there is none.
  package static func json(parsing text: String) throws(Problem) -> JSON? { try compose(text).map(json) }

  private static func json(of node: Node) -> JSON {
    if let members = node.mapping {
      return .object(TextKeyed(members.map { ($0.key.scalar?.string ?? "", json(of: $0.value)) }))
    }
    if let elements = node.sequence { return .array(elements.map(json)) }
    if node.null != nil { return .null }
    if let value = node.bool { return .bool(value) }
    if let value = node.int { return .integer(value) }
    if let value = node.float { return .number(value) }
    return .string(node.scalar?.string ?? "")
  }
}
