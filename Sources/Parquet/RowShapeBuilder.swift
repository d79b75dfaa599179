import JSON

/// Makes the shape of a file's rows from its schema.
struct RowShapeBuilder {
  let file: InputFile
  let unpacker = PageUnpacker()

  /// Where a node stands in the schema.
  private struct Place {
    var path: [String] = []
    var definition: UInt8 = 0
    var repetition: UInt8 = 0

    /// The place of a field, with the levels that it adds.
    func inner(_ node: SchemaNode) -> Place {
      var place = self
      place.path.append(node.element.name)
      if node.element.repetition != .required { place.definition += 1 }
      if node.element.repetition == .repeated { place.repetition += 1 }
      return place
    }
  }

  /// The shape of a row, with the columns that `projection` asks for.
  func shape(of root: SchemaNode, _ projection: Projection) throws(ParquetError) -> RowShape {
    try object(root, Place(), projection)
  }

  /// A field of a group.
  private func field(_ node: SchemaNode, in outer: Place, _ projection: Projection) throws(ParquetError) -> RowShape {
    let place = outer.inner(node)
    guard node.element.repetition != .repeated else {
      // A list without the usual groups around it, as Protocol Buffers' writers make.
      return RowShape(
        .list(try content(node, place, projection, isElement: true)), elementPresence: place.definition,
        repetition: place.repetition)
    }
    return try content(node, place, projection)
  }

  /// What a node holds, whatever its own repetition.
  /// - Parameter isElement: the node is a list's element itself, and null is nothing that it could be.
  private func content(
    _ node: SchemaNode, _ place: Place, _ projection: Projection, isElement: Bool = false
  ) throws(ParquetError) -> RowShape {
    if let index = node.leafIndex { return RowShape(.value(try column(node, index, place))) }
    let presence = node.element.repetition == .optional && !isElement ? place.definition : 0
    guard node.children.count == 1, let inner = node.children.first, inner.element.repetition == .repeated else {
      return try object(node, place, projection, presence: presence)
    }
    let innerPlace = place.inner(inner)
    switch node.element.meaning {
    case .list:
      return RowShape(
        .list(try element(inner, of: node, innerPlace, projection)), presence: presence,
        elementPresence: innerPlace.definition, repetition: innerPlace.repetition)
    case .map where Self.isMapEntry(inner):
      return RowShape(
        .map(
          key: try field(inner.children[0], in: innerPlace, Projection(nil)),
          value: try field(inner.children[1], in: innerPlace, Projection(nil))), presence: presence,
        elementPresence: innerPlace.definition, repetition: innerPlace.repetition)
    case .map:
      return RowShape(
        .list(try content(inner, innerPlace, Projection(nil), isElement: true)), presence: presence,
        elementPresence: innerPlace.definition, repetition: innerPlace.repetition)
    default: return try object(node, place, projection, presence: presence)
    }
  }

  /// The element of an annotated list. Old writers left out the group around it; the rules that tell are those of
  /// parquet-format's LogicalTypes.md, "backward-compatibility rules".
  private func element(
    _ inner: SchemaNode, of list: SchemaNode, _ place: Place, _ projection: Projection
  ) throws(ParquetError) -> RowShape {
    let name = inner.element.name
    let isElement =
      inner.children.count != 1 || inner.children[0].element.repetition == .repeated || name == "array"
      || name == list.element.name + "_tuple" || inner.element.meaning == .list || inner.element.meaning == .map
    guard !isElement else { return try content(inner, place, projection, isElement: true) }
    return try field(inner.children[0], in: place, projection)
  }

  private static func isMapEntry(_ node: SchemaNode) -> Bool {
    node.children.count == 2 && node.children[0].leafIndex != nil
      && node.children[0].element.repetition != .repeated
  }

  private func object(
    _ node: SchemaNode, _ place: Place, _ projection: Projection, presence: UInt8 = 0
  ) throws(ParquetError) -> RowShape {
    let names = node.children.map(\.element.name)
    var template: TextKeyed<JSON> = [:]
    var fields: [RowShape] = []
    for (child, wanted) in zip(node.children, projection.inner(names)) {
      guard let wanted else { continue }
      guard template.updateValue(.null, forKey: child.element.name) == nil else {
        let path = (place.path + [child.element.name]).joined(separator: ".")
        throw ParquetError(file.path, column: path, "two columns have this name")
      }
      fields.append(try field(child, in: place, wanted))
    }
    return RowShape(.object(template: template, fields), presence: presence)
  }

  private func column(_ node: SchemaNode, _ index: Int, _ place: Place) throws(ParquetError) -> ColumnReader {
    let name = place.path.joined(separator: ".")
    do {
      return ColumnReader(
        try LeafType(node.element), name: name, index: index, maximumDefinition: place.definition,
        maximumRepetition: place.repetition, file: file, unpacker: unpacker)
    } catch {
      throw ParquetError(file.path, column: name, error.text)
    }
  }
}
