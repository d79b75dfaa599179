import JSON

/// The bytes of one record in its file, still to be read as JSON.
struct RecordText: Sendable {
  let bytes: ArraySlice<UInt8>
  let location: RecordLocation
  /// Whether the file ends behind these bytes without ending the line: as it does after a whole last line that lacks
  /// its newline, and after one whose writer was stopped.
  var isUnterminated = false

  /// The bytes on one line. Within an element of a list there may be line breaks; none stands in a string, where JSON
  /// allows none, so that spaces in their place say the same.
  var line: ArraySlice<UInt8> {
    guard bytes.withUnsafeBytes({ $0.firstOffset(of: UInt8(ascii: "\n")) }) != nil else { return bytes }
    return bytes.map { $0.isSpace ? UInt8(ascii: " ") : $0 }[...]
  }

  /// Reads the bytes as JSON.
  func json() throws(RecordError) -> JSON {
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

/// Cuts a file into the texts of its records.
protocol RecordTexts {
  /// The next record's text; nil at the end of the file.
  mutating func next() throws(DatasetError) -> RecordText?
}
