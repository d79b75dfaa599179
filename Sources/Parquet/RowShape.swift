import JSON

/// How the columns make up a row: the schema's tree, without those of its levels that only say "list" or "map".
final class RowShape {
  /// What stands at a place of a row.
  enum Kind {
    case value(ColumnReader)
    /// - Parameter template: the object with all fields null.
    case object(template: TextKeyed<JSON>, [RowShape])
    case list(RowShape)
    /// Keys that make good keys of a JSON object, and their values.
    case map(key: RowShape, value: RowShape)
  }

  let kind: Kind
  /// The columns below, at least one. All of them say the same about what is null and how long lists are.
  let columns: [ColumnReader]
  /// The definition level from which on an optional object, list or map is there; 0 for what is always there.
  let presence: UInt8
  /// The definition level from which on a list or map has an element.
  let elementPresence: UInt8
  /// The repetition level of a list's further elements.
  let repetition: UInt8

  init(_ kind: Kind, presence: UInt8 = 0, elementPresence: UInt8 = 0, repetition: UInt8 = 0) {
    self.kind = kind
    columns =
      switch kind {
      case .value(let column): [column]
      case .object(_, let fields): fields.flatMap(\.columns)
      case .list(let element): element.columns
      case .map(let key, let value): key.columns + value.columns
      }
    self.presence = presence
    self.elementPresence = elementPresence
    self.repetition = repetition
  }
}
