import JSON

/// The rows of a Parquet file, put together from its columns one at a time.
///
/// A row is an object with a member for each column, null where it has no value. Groups are objects, lists are lists,
/// maps are objects where their keys are simple values and lists of `{"key", "value"}` else. Numbers and texts are what
/// they are; dates and times are text as ISO 8601 has it, decimals are numbers up to 15 digits and text beyond, JSON
/// columns are the value that their text stands for.
///
/// Rows come from the definition and repetition levels as S. Melnik et al., "Dremel" (2010), describes.
public final class ParquetRows {
  /// The number of the row that `next` gave last, from 1.
  public private(set) var row = 0

  private let shape: RowShape
  private var rowGroups: ArraySlice<FileMetadata.RowGroup>
  private var leftInGroup = 0
  private let path: String
  private let maximumRowLength: Int
  private var leftOfLength = 0
  /// What all rows to come may take in memory.
  private var allowance: Int

  /// What a value takes in memory, about.
  static let valueLength = 64

  init(
    _ shape: RowShape, _ rowGroups: [FileMetadata.RowGroup], path: String, maximumRowLength: Int, allowance: Int
  ) {
    self.allowance = allowance
    self.shape = shape
    self.rowGroups = ArraySlice(rowGroups)
    self.path = path
    self.maximumRowLength = maximumRowLength
  }

  /// The next row; nil at the end of the file.
  /// - Throws: `ParquetError` for what is damaged or not supported. There is no reading on after that.
  public func next() throws(ParquetError) -> JSON? {
    do {
      while leftInGroup == 0 {
        guard let group = rowGroups.popFirst() else { return nil }
        for column in shape.columns { try column.start(group.chunks[column.index]) }
        leftInGroup = group.rowCount
        try checkEnd()
      }
      return try nextOfGroup()
    } catch {
      rowGroups = []
      leftInGroup = 0
      throw error
    }
  }

  private func nextOfGroup() throws(ParquetError) -> JSON {
    row += 1
    leftInGroup -= 1
    leftOfLength = maximumRowLength
    do throws(ParquetError) {
      for column in shape.columns where column.repetition != 0 {
        throw ParquetError(path, column: column.name, "a list goes on from one row to the next")
      }
      let value = try read(shape)
      try checkEnd()
      return value
    } catch {
      var error = error
      error.row = row
      throw error
    }
  }

  /// Checks that the columns end with the row group's last row.
  private func checkEnd() throws(ParquetError) {
    guard leftInGroup == 0 else { return }
    for column in shape.columns where !column.isAtEnd {
      throw ParquetError(path, column: column.name, "the column has more values than the row group has rows")
    }
  }

  private func read(_ shape: RowShape) throws(ParquetError) -> JSON {
    try charge(Self.valueLength)
    switch shape.kind {
    case .value(let column):
      let value = try column.take()
      if case .string(let text) = value { try charge(text.utf8.count) }
      return value
    case .object(let template, let fields):
      guard try isThere(shape, from: shape.presence) else { return .null }
      var object = template
      for index in fields.indices { object.setValue(try read(fields[index]), at: index) }
      return .object(object)
    case .list(let element):
      guard try isThere(shape, from: shape.presence) else { return .null }
      var elements: [JSON] = []
      guard try isThere(shape, from: shape.elementPresence) else { return .array(elements) }
      repeat { elements.append(try read(element)) } while try goesOn(shape)
      return .array(elements)
    case .map(let key, let value):
      guard try isThere(shape, from: shape.presence) else { return .null }
      var members: TextKeyed<JSON> = [:]
      guard try isThere(shape, from: shape.elementPresence) else { return .object(members) }
      repeat {
        let name = try read(key)
        let isNew = members.updateValue(try read(value), forKey: name.string ?? name.text) == nil
        guard isNew, name != .null else {
          let problem = isNew ? "a map has a key that is null" : "a map has the key \(name.text) twice"
          throw ParquetError(path, column: shape.columns[0].name, problem)
        }
      } while try goesOn(shape)
      return .object(members)
    }
  }

  /// Whether something optional or repeated is there; where it is not, takes the entries that say so.
  private func isThere(_ shape: RowShape, from presence: UInt8) throws(ParquetError) -> Bool {
    guard presence > 0 else { return true }
    let isThere = shape.columns[0].definition >= presence
    for column in shape.columns where (column.definition >= presence) != isThere { throw contradiction(column) }
    if !isThere { for column in shape.columns { _ = try column.take() } }
    return isThere
  }

  /// Whether a list has a further element.
  private func goesOn(_ shape: RowShape) throws(ParquetError) -> Bool {
    let repetition = shape.columns[0].repetition
    for column in shape.columns {
      guard column.repetition <= shape.repetition,
        (column.repetition == shape.repetition) == (repetition == shape.repetition)
      else { throw contradiction(column) }
    }
    return repetition == shape.repetition
  }

  private func contradiction(_ column: ColumnReader) -> ParquetError {
    ParquetError(path, column: column.name, "its levels contradict those of other columns: the file is damaged")
  }

  private func charge(_ count: Int) throws(ParquetError) {
    leftOfLength -= count
    guard leftOfLength >= 0 else {
      throw ParquetError(path, "the row is longer than \(maximumRowLength >> 20) MB")
    }
    allowance -= count
    guard allowance >= 0 else {
      throw ParquetError(path, "the rows are more than a thousand times as long as the file")
    }
  }
}
