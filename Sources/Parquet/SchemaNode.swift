/// A field of the schema with those within it.
struct SchemaNode {
  let element: SchemaElement
  let children: [SchemaNode]
  /// The place among the schema's leaves; nil for a group.
  let leafIndex: Int?

  /// Each field costs about a kilobyte when rows are read, and a few bytes in a file made for that.
  private static let maximumCount = 1 << 15

  /// Deeper schemas are refused: they only occur in files made to exhaust the stack.
  private static let maximumDepth = 100

  /// The tree of a schema that is listed with each group before its fields.
  /// - Returns: the root, which stands for a row, and the number of leaves.
  static func tree(of elements: [SchemaElement]) throws(Problem) -> (root: SchemaNode, leafCount: Int) {
    guard elements.count <= maximumCount else {
      throw Problem("the schema has \(elements.count) fields, the most allowed are \(maximumCount)")
    }
    var position = 0
    var leafCount = 0
    let root = try SchemaNode(elements, &position, &leafCount, depth: 0)
    guard position == elements.count else { throw Problem("the schema has fields outside of its root") }
    guard root.leafIndex == nil else { throw Problem("the schema has no root") }
    return (root, leafCount)
  }

  private init(
    _ elements: [SchemaElement], _ position: inout Int, _ leafCount: inout Int, depth: Int
  ) throws(Problem) {
    guard position < elements.count else { throw Problem("the schema lacks fields that it announces") }
    guard depth <= Self.maximumDepth else { throw Problem("the schema is more than \(Self.maximumDepth) deep") }
    element = elements[position]
    position += 1
    guard element.physicalType == nil else {
      guard element.childCount == 0 else { throw Problem("the column '\(element.name)' has fields of its own") }
      children = []
      leafIndex = leafCount
      leafCount += 1
      return
    }
    guard element.childCount > 0 else {
      throw Problem(depth == 0 ? "the file has no columns" : "the group '\(element.name)' has no fields")
    }
    var children: [SchemaNode] = []
    for _ in 0..<element.childCount {
      children.append(try SchemaNode(elements, &position, &leafCount, depth: depth + 1))
    }
    self.children = children
    leafIndex = nil
  }
}
