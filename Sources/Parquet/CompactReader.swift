/// Reads Thrift's compact protocol, in which Parquet's footer and page headers are written.
///
///     var fields = reader.fields()
///     while let field = try fields.next(&reader) {
///       switch field.id { case 1: count = try reader.integer(field); default: try reader.skip(field) }
///     }
struct CompactReader {
  /// What follows a field's or a list's head.
  enum Kind: UInt8 {
    case yes = 1, no, byte, int16, int32, int64, double, binary, list, set, map, structure, uuid
  }

  /// The head of a field.
  struct Field {
    let id: Int
    let kind: Kind
  }

  /// The fields of one structure, whose numbers are written as differences.
  struct Fields {
    private var lastID = 0

    /// The next field's head; nil at the end of the structure. Its value must be read or skipped next.
    mutating func next(_ reader: inout CompactReader) throws(Problem) -> Field? {
      let head = try reader.cursor.number(UInt8.self)
      guard head != 0 else { return nil }
      let difference = Int(head >> 4)
      let id = difference > 0 ? lastID + difference : Int(Int16(truncatingIfNeeded: try reader.cursor.zigzag()))
      lastID = id
      return Field(id: id, kind: try CompactReader.kind(head & 0x0F))
    }
  }

  /// Deeper structures are refused: they only occur in files made to exhaust the stack.
  private static let maximumDepth = 64

  /// How much memory structures may take for each of their bytes; those of real files take less than half of it.
  private static let memoryPerByte = 16

  fileprivate(set) var cursor: ByteCursor

  init(_ bytes: UnsafeRawBufferPointer) { cursor = ByteCursor(bytes) }

  /// The fields of the structure that comes next.
  func fields() -> Fields { Fields() }

  /// The fields of a field that must be a structure.
  func fields(of field: Field) throws(Problem) -> Fields {
    try expect(field, .structure)
    return Fields()
  }

  mutating func integer(_ field: Field) throws(Problem) -> Int {
    switch field.kind {
    case .byte: Int(try cursor.number(Int8.self))
    case .int16, .int32, .int64: Int(try cursor.zigzag())
    default: throw mismatch(field)
    }
  }

  /// An integer that must not be negative.
  mutating func count(_ field: Field) throws(Problem) -> Int {
    let value = try integer(field)
    guard value >= 0 else { throw Problem("a count is negative (\(value))") }
    return value
  }

  func bool(_ field: Field) throws(Problem) -> Bool {
    guard field.kind == .yes || field.kind == .no else { throw mismatch(field) }
    return field.kind == .yes
  }

  mutating func text(_ field: Field) throws(Problem) -> String {
    try expect(field, .binary)
    let bytes = try cursor.take(try cursor.length(atMost: cursor.count))
    guard let text = String(validating: bytes, as: UTF8.self) else { throw Problem("a name is not valid UTF-8") }
    return text
  }

  /// Reads a list of structures; `element` must read each one.
  mutating func structures<Element>(
    _ field: Field, _ element: (inout CompactReader) throws(Problem) -> Element
  ) throws(Problem) -> [Element] {
    try expect(field, .list)
    let (count, kind) = try listHead()
    guard count == 0 || kind == .structure else { throw mismatch(field) }
    var elements: [Element] = []
    let start = cursor.count
    for _ in 0..<count {
      elements.append(try element(&self))
      let memory = elements.count * MemoryLayout<Element>.stride
      guard memory <= 1 << 16 + (start - cursor.count) * Self.memoryPerByte else {
        throw Problem("a list has more structures than their bytes can hold")
      }
    }
    return elements
  }

  /// Passes over a field's value.
  mutating func skip(_ field: Field) throws(Problem) { try skip(field.kind, depth: 0, isElement: false) }

  private mutating func skip(_ kind: Kind, depth: Int, isElement: Bool) throws(Problem) {
    guard depth < Self.maximumDepth else { throw Problem("structures are nested too deep") }
    switch kind {
    // A field's truth value stands in its head; an element's is a byte.
    case .yes, .no: if isElement { _ = try cursor.take(1) }
    case .byte: _ = try cursor.take(1)
    case .int16, .int32, .int64: _ = try cursor.varint()
    case .double: _ = try cursor.take(8)
    case .uuid: _ = try cursor.take(16)
    case .binary: _ = try cursor.take(try cursor.length(atMost: cursor.count))
    case .list, .set:
      let (count, kind) = try listHead()
      for _ in 0..<count { try skip(kind, depth: depth + 1, isElement: true) }
    case .map:
      let count = try cursor.length(atMost: cursor.count)
      guard count > 0 else { return }
      let kinds = try cursor.number(UInt8.self)
      let (key, value) = (try Self.kind(kinds >> 4), try Self.kind(kinds & 0x0F))
      for _ in 0..<count {
        try skip(key, depth: depth + 1, isElement: true)
        try skip(value, depth: depth + 1, isElement: true)
      }
    case .structure:
      var fields = Fields()
      while let field = try fields.next(&self) { try skip(field.kind, depth: depth + 1, isElement: false) }
    }
  }

  private mutating func listHead() throws(Problem) -> (count: Int, Kind) {
    let head = try cursor.number(UInt8.self)
    // An element takes a byte at least, so no list is longer than what is left.
    let count = head >> 4 == 15 ? try cursor.length(atMost: cursor.count) : Int(head >> 4)
    if count == 0 { return (0, Kind(rawValue: head & 0x0F) ?? .structure) }
    return (count, try Self.kind(head & 0x0F))
  }

  private static func kind(_ code: UInt8) throws(Problem) -> Kind {
    guard let kind = Kind(rawValue: code) else { throw Problem("a field is of an unknown kind (\(code))") }
    return kind
  }

  private func expect(_ field: Field, _ kind: Kind) throws(Problem) {
    guard field.kind == kind else { throw mismatch(field) }
  }

  private func mismatch(_ field: Field) -> Problem { Problem("field \(field.id) is of an unexpected kind") }
}
