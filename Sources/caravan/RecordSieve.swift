import Datasets
import JSON

/// Puts each record among those that are kept or those that are removed, unchanged, and counts why.
struct RecordSieve {
  private let kept: DataOutput
  private let removed: DataOutput?
  private var reasons: TextKeyed<(count: Int, examples: [String])> = [:]

  init(_ options: SieveOptions) throws {
    kept = try DataOutput(path: options.output)
    removed = try options.removed.map { try DataOutput(path: $0) }
  }

  /// Keeps a record, or removes it where there is a reason.
  mutating func put(_ line: ArraySlice<UInt8>, removedFor reason: String?, at location: RecordLocation) throws {
    guard let reason else { return try kept.write(line: line) }
    try removed?.write(line: line)
    var tally = reasons[reason] ?? (0, [])
    tally.count += 1
    if tally.examples.count < 3 { tally.examples.append(location.description) }
    reasons[reason] = tally
  }

  /// Finishes the files, and says what became of the records.
  /// - Throws: `NothingKept` where no record was kept; no file is written then.
  func finish(read: Int) throws {
    note("read \(read) records, kept \(kept.lines)")
    for (reason, tally) in reasons {
      let places = tally.examples.joined(separator: ", ") + (tally.count > tally.examples.count ? ", …" : "")
      note("removed \(tally.count): \(reason) (\(places))")
    }
    guard kept.lines > 0 else { throw NothingKept() }
    try removed?.finish()
    try kept.finish()
  }
}

/// Data of which no record was kept.
struct NothingKept: Error, CustomStringConvertible {
  var description: String { "no record was kept, and nothing was written; see the counts above" }
}
