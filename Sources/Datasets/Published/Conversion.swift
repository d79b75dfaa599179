/// Reads published files row by row and hands on the records that a derivation makes of them.
package final class Conversion {
  /// What became of the rows so far; whole once `next()` has returned nil.
  package private(set) var report = ConversionReport()

  private let reader: DatasetReader<PublishedRow>
  private let skipInvalid: Bool
  private var derivation: any Derivation
  private var ready: ArraySlice<PublishedRecord> = []
  private var isAtEnd = false

  /// Looks for the files; reading begins with `next()`.
  /// - Parameter skipInvalid: leave out and count rows that do not have the published form, instead of throwing.
  /// - Throws: `DatasetError.file` for a path that is not there and a folder without data files.
  package init(_ derivation: any Derivation, _ paths: [String], skipInvalid: Bool) throws(DatasetError) {
    self.derivation = derivation
    self.skipInvalid = skipInvalid
    reader = try DatasetReader(paths, skipInvalid: skipInvalid)
  }

  /// The next record; nil at the end of the last file.
  /// - Throws: `DatasetError`.
  package func next() throws(DatasetError) -> PublishedRecord? {
    while ready.isEmpty, !isAtEnd {
      guard let row = try reader.next() else {
        isAtEnd = true
        settle(derivation.finish())
        report.unreadable = reader.report.skipped
        report.remarks = derivation.remarks
        break
      }
      do {
        settle(try derivation.take(row))
      } catch {
        guard skipInvalid else { throw .record(error) }
        report.skipped.count(error.reason, error.location.description)
      }
    }
    report.read = reader.report.read
    return ready.popFirst()
  }

  private func settle(_ outcomes: [Outcome]) {
    var records: [PublishedRecord] = []
    for outcome in outcomes {
      switch outcome {
      case .record(let record, let rows):
        report.count(record, rows: rows)
        records.append(record)
      case .dropped(let reason, let location, let rows):
        report.dropped.count(reason, location.description, times: rows)
      }
    }
    ready = records[...]
  }
}
