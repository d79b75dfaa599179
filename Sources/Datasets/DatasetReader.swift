import JSON

/// Reads the records of files and folders in order, one at a time, in bounded memory.
///
/// Files are JSON Lines or one JSON list, plain or packed, or Parquet. A folder stands for the files of its only split,
/// `FOLDER:SPLIT` for those of one of several.
///
///     let reader = try DatasetReader<PreferencePair>(["pairs.jsonl.gz", "more/", "published:train"])
///     while let pair = try reader.next() { … }
///     print(reader.report)
public final class DatasetReader<Record: DatasetRecord> {
  /// What became of the records so far.
  public private(set) var report = DatasetReport()

  /// What a person should know about how the files were found, each a line.
  public let remarks: [String]

  private let paths: [String]
  private let skipInvalid: Bool
  private let maximumRecordLength: Int
  private let isPassingOn: Bool
  private var files: ArraySlice<String>
  private var texts: (any RecordTexts)?
  private var bytesBefore = 0
  private var firstSkipped: RecordError?

  /// Looks for the files; reading begins with `next()`.
  /// - Parameter skipInvalid: leave out and count records that cannot be used, instead of throwing. Damaged files are
  ///   an error either way.
  /// - Throws: `DatasetError.file` for a path that is not there and a folder without data files.
  public convenience init(_ paths: [String], skipInvalid: Bool = false) throws(DatasetError) {
    try self.init(paths, skipInvalid: skipInvalid, isPassingOn: false)
  }

  /// - Parameter maximumRecordLength: the longest record, in bytes: room for any honest one, and a bound for the memory
  ///   that a file can ask for.
  /// - Parameter isPassingOn: records are passed on as they are, so that fields their type does not know are wanted too.
  package init(
    _ paths: [String], skipInvalid: Bool = false, maximumRecordLength: Int = 64 << 20, isPassingOn: Bool = false
  ) throws(DatasetError) {
    self.paths = paths
    self.isPassingOn = isPassingOn
    self.skipInvalid = skipInvalid
    self.maximumRecordLength = maximumRecordLength
    let found = try DataFiles.find(paths)
    files = ArraySlice(found.paths)
    remarks = found.remarks
  }

  /// How many bytes of the files, as they lie on the disk, have been read.
  package var bytesRead: Int { bytesBefore + (texts?.bytesRead ?? 0) }

  /// The next record; nil at the end of the last file.
  /// - Throws: `DatasetError`; `.empty` where the end comes and no record has been handed on.
  public func next() throws(DatasetError) -> Record? {
    while let text = try nextText() {
      do {
        let record = try Record(json: text.json(), location: text.location)
        keep(text.location, remark: record.remark)
        return record
      } catch {
        try skip(error)
      }
    }
    try finish()
    return nil
  }

  /// Counts a record that is handed on.
  func keep(_ location: RecordLocation, remark: String?) {
    report.read += 1
    report.kept += 1
    if let remark { report.remarked.count(remark, location.description) }
  }

  /// Counts a record that cannot be used.
  /// - Throws: the error, where such records are not to be left out.
  func skip(_ error: RecordError) throws(DatasetError) {
    guard skipInvalid else { throw .record(error) }
    report.read += 1
    report.skipped.count(error.reason, error.location.description)
    firstSkipped = firstSkipped ?? error
  }

  /// Refuses an end before which no record was handed on.
  func finish() throws(DatasetError) {
    guard report.kept > 0 else { throw .empty(paths: paths, skipped: report.read, firstSkipped: firstSkipped) }
  }

  /// All records that are left.
  public func readAll() throws(DatasetError) -> [Record] {
    var records: [Record] = []
    while let record = try next() { records.append(record) }
    return records
  }

  /// The next record's text; nil at the end of the last file.
  func nextText() throws(DatasetError) -> RecordText? {
    while true {
      if let text = try texts?.next() { return text }
      bytesBefore = bytesRead
      texts = nil
      guard let file = files.popFirst() else { return nil }
      texts = try open(file)
    }
  }

  private func open(_ path: String) throws(DatasetError) -> any RecordTexts {
    let window = try ByteWindow(path: path)
    // Files are known by their first bytes, whatever their names.
    let (problem, isParquet) = window.withBytes(from: 0) { (FileKind.problem($0), $0.starts(with: "PAR1".utf8)) }
    if let problem { throw .file(path: path, problem: problem) }
    if isParquet, let packing = window.packing {
      throw .file(path: path, problem: "is a Parquet file packed with \(packing.name); unpack it first")
    }
    if isParquet || path.hasSuffix(".parquet") { return try openParquet(path) }
    let linesBefore = try window.skipBlankLines()
    switch window.firstByte {
    case UInt8(ascii: "[") where path.contains(".json.") || path.hasSuffix(".json") || ListTexts.begin(window):
      _ = try window.skipSpace()
      _ = window.take(1)
      return ListTexts(window, path: path, line: linesBefore + 1, maximumLength: maximumRecordLength)
    case UInt8(ascii: "{") where ObjectTexts.begin(window):
      return ObjectTexts(window, path: path, line: linesBefore + 1, maximumLength: maximumRecordLength)
    case let first?
    where first != UInt8(ascii: "{") && [".csv", ".tsv", ".csv.gz", ".tsv.gz"].contains { path.hasSuffix($0) }:
      throw .file(
        path: path,
        problem: "is a table of CSV; write it as Parquet, as datasets' Dataset.from_csv(PATH).to_parquet(OTHER) does")
    default: return LineTexts(window, path: path, linesBefore: linesBefore, maximumLength: maximumRecordLength)
    }
  }

  private func openParquet(_ path: String) throws(DatasetError) -> any RecordTexts {
    try ParquetTexts(path: path, fields: isPassingOn ? nil : Record.fields, maximumLength: maximumRecordLength)
  }
}
