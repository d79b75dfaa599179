import JSON

/// One record as it stands in its file: text that is still to be read as JSON, or a row of a table.
struct RecordText: Sendable {
  private enum Content {
    case text(ArraySlice<UInt8>)
    case row(JSON)
  }

  private let content: Content
  let location: RecordLocation
  /// Whether the file ends behind these bytes without ending the line: as it does after a whole last line that lacks
  /// its newline, and after one whose writer was stopped.
  let isUnterminated: Bool

  /// A record of a text file.
  init(bytes: ArraySlice<UInt8>, location: RecordLocation, isUnterminated: Bool = false) {
    content = .text(bytes)
    self.location = location
    self.isUnterminated = isUnterminated
  }

  /// A record of a file that does not hold its records as text.
  init(row: JSON, location: RecordLocation) {
    content = .row(row)
    self.location = location
    isUnterminated = false
  }

  /// The record as text: as it stands in its file, where that is text.
  var bytes: ArraySlice<UInt8> {
    switch content {
    case .text(let bytes): bytes
    case .row(let row): ArraySlice(row.text.utf8)
    }
  }

  /// About how many bytes the record takes.
  var approximateSize: Int {
    if case .text(let bytes) = content { bytes.count } else { 4096 }
  }

  /// The record on one line. Within an element of a list there may be line breaks; none stands in a string, where JSON
  /// allows none, so that spaces in their place say the same.
  var line: ArraySlice<UInt8> {
    let bytes = bytes
    guard bytes.withUnsafeBytes({ $0.firstOffset(of: UInt8(ascii: "\n")) }) != nil else { return bytes }
    return bytes.map { $0.isSpace ? UInt8(ascii: " ") : $0 }[...]
  }

  /// The record as JSON.
  func json() throws(RecordError) -> JSON {
    if case .row(let row) = content { return row }
    let result = bytes.withUnsafeBytes { bytes in
      Result { () throws(JSONError) in try JSON(parsing: bytes) }
    }
    do {
      return try result.get()
    } catch {
      throw explain(error)
    }
  }

  private func explain(_ error: JSONError) -> RecordError {
    if bytes.contains(0) {
      return RecordError(location, "the line holds NUL bytes: the file is damaged, or its text is not UTF-8")
    }
    if isUnterminated, bytes.last != UInt8(ascii: "}") || error.column > bytes.count {
      return RecordError(location, "the last line is incomplete: the file was cut off while it was written")
    }
    let place = RecordLocation(file: location.file, line: location.line + error.line - 1)
    return RecordError(place, "not valid JSON", detail: "column \(error.column): \(error.reason)")
  }
}

/// Cuts a file into its records.
protocol RecordTexts {
  /// The next record; nil at the end of the file.
  mutating func next() throws(DatasetError) -> RecordText?
  /// How many bytes of the file, as it lies on the disk, have been read.
  var bytesRead: Int { get }
}
