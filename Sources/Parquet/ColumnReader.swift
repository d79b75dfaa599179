import JSON

/// Reads one column of a file, value by value.
///
/// An entry is a value, or the place of one that is not there because a field on the way to it is null or an empty list.
final class ColumnReader {
  /// The column's names, joined by points.
  let name: String
  /// The place among the schema's leaves.
  let index: Int
  let maximumDefinition: UInt8
  let maximumRepetition: UInt8
  /// The levels of the entry that comes next; 0 at the end of the row group.
  private(set) var definition: UInt8 = 0
  private(set) var repetition: UInt8 = 0
  /// Whether the row group has no entry left.
  private(set) var isAtEnd = true

  private let file: InputFile
  private let leaf: LeafType
  private let unpacker: PageUnpacker
  private let memory = PageMemory()
  private var pages: ChunkPages?
  private var dictionary: [JSON]?
  private var leftInChunk = 0
  private var leftInPage = 0
  private var repetitions = Levels.none
  private var definitions = Levels.none
  /// The page's values, or else the places of its values in the dictionary.
  private var values: (any PageValues)?
  private var indices: Runs?

  init(
    _ leaf: LeafType, name: String, index: Int, maximumDefinition: UInt8, maximumRepetition: UInt8, file: InputFile,
    unpacker: PageUnpacker
  ) {
    self.leaf = leaf
    self.name = name
    self.index = index
    self.maximumDefinition = maximumDefinition
    self.maximumRepetition = maximumRepetition
    self.file = file
    self.unpacker = unpacker
  }

  /// Begins with a row group's chunk of the column.
  func start(_ chunk: ColumnChunk) throws(ParquetError) {
    try located { () throws(Problem) in
      guard chunk.physicalType == leaf.physical.rawValue else {
        throw Problem("the row group has values of another type than the schema")
      }
      dictionary = nil
      pages = try ChunkPages(
        chunk, of: file, memory: memory, unpacker: unpacker, maximumDefinition: Int(maximumDefinition),
        maximumRepetition: Int(maximumRepetition))
      leftInChunk = chunk.valueCount
      leftInPage = 0
      try advance()
    }
  }

  /// Takes the next entry; null where there is no value.
  func take() throws(ParquetError) -> JSON {
    try located { () throws(Problem) in
      guard !isAtEnd else { throw Problem("the column ends before all rows have come") }
      guard definition == maximumDefinition else {
        try advance()
        return .null
      }
      let value = try nextValue()
      try advance()
      return value
    }
  }

  private func nextValue() throws(Problem) -> JSON {
    // Decoders are changed where they are: a copy of one would cost more than a value.
    if let value = try values?.next(leaf) { return value }
    let index = Int(try indices?.next() ?? 0)
    guard let dictionary else { throw Problem("a page refers to a dictionary, but the column has none") }
    guard index < dictionary.count else {
      throw Problem("value \(index) of a dictionary of \(dictionary.count) does not exist")
    }
    return dictionary[index]
  }

  /// Moves to the next entry, on a later page if need be.
  private func advance() throws(Problem) {
    while leftInPage == 0 {
      guard leftInChunk > 0 else {
        (definition, repetition, isAtEnd) = (0, 0, true)
        return
      }
      try startPage()
    }
    leftInPage -= 1
    repetition = try repetitions.next(maximum: maximumRepetition)
    definition = try definitions.next(maximum: maximumDefinition)
    isAtEnd = false
  }

  private func startPage() throws(Problem) {
    guard let pages else { return }
    switch try pages.next() {
    case .dictionary(let bytes, let count, let encoding):
      guard dictionary == nil else { throw Problem("the column has two dictionaries") }
      dictionary = try readDictionary(bytes, count: count, encoding)
    case .data(let page):
      guard page.valueCount <= leftInChunk else { throw Problem("the pages hold more values than the column") }
      leftInPage = page.valueCount
      leftInChunk -= page.valueCount
      repetitions = page.repetitions
      definitions = page.definitions
      try startValues(page)
    }
  }

  private func startValues(_ page: ChunkPages.DataPage) throws(Problem) {
    guard page.encoding == .dictionary || page.encoding == .plainDictionary else {
      values = try leaf.values(page.values, page.encoding)
      return
    }
    var cursor = ByteCursor(page.values)
    // A page without any value may be without the width of its indices, too.
    let width = cursor.count == 0 ? 0 : Int(try cursor.number(UInt8.self))
    values = nil
    indices = try Runs(cursor.rest, width: width)
  }

  private func readDictionary(
    _ bytes: UnsafeRawBufferPointer, count: Int, _ encoding: Encoding
  ) throws(Problem) -> [JSON] {
    guard encoding == .plain || encoding == .plainDictionary, leaf.physical != .boolean else {
      throw Problem("a dictionary of type \(leaf.physical) encoded as \(encoding) is not allowed")
    }
    // Each value takes a byte at least, so a claim of more costs no memory.
    guard count <= bytes.count else { throw Problem("a dictionary of \(count) values has \(bytes.count) bytes") }
    var plain = PlainValues(bytes)
    var values: [JSON] = []
    values.reserveCapacity(count)
    for _ in 0..<count { values.append(try plain.next(leaf)) }
    return values
  }

  private func located<Value>(_ body: () throws(Problem) -> Value) throws(ParquetError) -> Value {
    do {
      return try body()
    } catch {
      throw ParquetError(file.path, column: name, error.text)
    }
  }
}
