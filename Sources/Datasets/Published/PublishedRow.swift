import JSON
import Text

/// A row of a published data set, whatever its columns.
package struct PublishedRow: DatasetRecord {
  /// The columns.
  let fields: RecordFields

  /// Where the row stands.
  package var location: RecordLocation { fields.location }
  /// The row as it was read.
  package var json: JSON { fields.json }

  package init(json: JSON, location: RecordLocation) throws(RecordError) {
    fields = try RecordFields(json, location: location, expected: "columns")
  }

  /// A column's text.
  func text(_ field: String) throws(RecordError) -> String { try fields.string(json[field], field) }

  /// A column's text; empty where there is none.
  func textOrEmpty(_ field: String) throws(RecordError) -> String { fields.has(field) ? try text(field) : "" }

  /// A column's finite number.
  func number(_ field: String) throws(RecordError) -> Double { try fields.number(json[field], field) }

  /// A column's finite number; nil where there is none.
  func numberOrNil(_ field: String) throws(RecordError) -> Double? { fields.has(field) ? try number(field) : nil }

  /// A column's conversation.
  func messages(_ field: String) throws(RecordError) -> [Message] { try fields.messages(field) }

  /// The turns of a column that holds a transcript, `"\n\nHuman: …\n\nAssistant: …"`.
  func transcript(_ field: String) throws(RecordError) -> [Message] { try fields.transcript(text(field), field) }

  /// The error of a column that holds none of the values it may.
  func mismatch(_ field: String, _ expected: String) -> RecordError {
    fields.mismatch(field, expected, json[field])
  }
}

extension RecordFields {
  /// A field's finite number.
  func number(_ value: JSON?, _ field: String) throws(RecordError) -> Double {
    guard let number = value?.double, number.isFinite else { throw mismatch(field, "a finite number", value) }
    return number
  }

  /// A field's list of objects.
  func objects(_ value: JSON?, _ field: String) throws(RecordError) -> [JSON] {
    guard let elements = value?.array else { throw mismatch(field, "a list of objects", value) }
    for (index, element) in elements.enumerated() where element.object == nil {
      throw mismatch("\(field)[\(index)]", "an object", element)
    }
    return elements
  }

  /// A field's list of texts.
  func strings(_ value: JSON?, _ field: String) throws(RecordError) -> [String] {
    guard let elements = value?.array else { throw mismatch(field, "a list of strings", value) }
    var texts: [String] = []
    for (index, element) in elements.enumerated() { texts.append(try string(element, "\(field)[\(index)]")) }
    return texts
  }
}
