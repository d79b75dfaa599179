import JSON
import Parallel

extension DatasetReader {
  /// Hands on what `prepare` makes of each record that is left, in order, with the line that holds the record.
  ///
  /// Several records at a time are read and prepared on all cores.
  /// - Parameters:
  ///   - prepare: what is wanted of a record. A `RecordError` that it throws says that the record cannot be used.
  ///   - body: gets the results, and the bytes of the record as they stand in its file.
  /// - Throws: what `next()` throws, and what `prepare` and `body` do.
  package func forEach<Prepared: Sendable>(
    preparing prepare: @Sendable (Record) throws -> Prepared,
    _ body: (_ prepared: Prepared, _ line: ArraySlice<UInt8>) throws -> Void
  ) throws {
    while true {
      let (texts, problem) = nextTexts()
      let results = texts.concurrentMap { text in
        Result {
          let record = try Record(json: text.json(), location: text.location)
          return (prepared: try prepare(record), remark: record.remark)
        }
      }
      for (text, result) in zip(texts, results) {
        if case .failure(let error as RecordError) = result {
          try skip(error)
          continue
        }
        let (prepared, remark) = try result.get()
        keep(text.location, remark: remark)
        try body(prepared, text.line)
      }
      if let problem { throw problem }
      if texts.isEmpty { return try finish() }
    }
  }

  /// The next line that holds a record, not read as JSON; nil at the end of the last file.
  /// - Throws: `DatasetError.file`.
  package func nextLine() throws(DatasetError) -> ArraySlice<UInt8>? { try nextText()?.line }

  /// The texts of the next records, about four million bytes of them, and what is wrong with the file behind them.
  private func nextTexts() -> ([RecordText], problem: DatasetError?) {
    var texts: [RecordText] = []
    var size = 0
    do {
      while size < 4 << 20, let text = try nextText() {
        texts.append(text)
        size += text.approximateSize
      }
      return (texts, nil)
    } catch {
      return (texts, error)
    }
  }
}
