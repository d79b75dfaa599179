/// A group or a leaf of the schema, as the footer lists it.
struct SchemaElement {
  /// How often a field stands in its group.
  enum Repetition: Int { case required, optional, repeated }

  private(set) var name = ""
  private(set) var repetition = Repetition.required
  /// The type that a leaf's values are stored as; nil for a group.
  private(set) var physicalType: Int?
  /// Bytes a value of a type with fixed length.
  private(set) var typeLength = 0
  private(set) var childCount = 0
  /// What the values mean; nil where nothing is said about that.
  private(set) var meaning: Meaning?
  private var convertedType: Int?
  private var scale = 0
  private var precision = 0

  /// Reads the structure `SchemaElement` of parquet.thrift.
  init(_ reader: inout CompactReader) throws(Problem) {
    var fields = reader.fields()
    while let field = try fields.next(&reader) {
      switch field.id {
      case 1: physicalType = try reader.integer(field)
      case 2: typeLength = try reader.count(field)
      case 3:
        let code = try reader.integer(field)
        guard let known = Repetition(rawValue: code) else { throw Problem("repetition \(code) is unknown") }
        repetition = known
      case 4: name = try reader.text(field)
      case 5: childCount = try reader.count(field)
      case 6: convertedType = try reader.integer(field)
      case 7: scale = try reader.integer(field)
      case 8: precision = try reader.integer(field)
      case 10: meaning = try Meaning(&reader, try reader.fields(of: field))
      default: try reader.skip(field)
      }
    }
    if meaning == nil, let convertedType {
      meaning = Meaning(convertedType: convertedType, scale: scale, precision: precision)
    }
  }
}
