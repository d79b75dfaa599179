/// A dataset that cannot be read.
public enum DatasetError: Error, CustomStringConvertible, Sendable, Equatable {
  /// A file or folder as a whole: it is missing, cannot be opened, or is damaged.
  case file(path: String, problem: String)
  /// A record.
  case record(RecordError)
  /// No record at all was found, or none that could be used.
  case empty(paths: [String], skipped: Int, firstSkipped: RecordError?)

  /// One line: where, what is wrong, and what stood there.
  public var description: String {
    switch self {
    case .file(let path, let problem): return "\(path): \(problem)"
    case .record(let error): return error.description
    case .empty(let paths, let skipped, let first):
      let place = paths.joined(separator: ", ")
      guard let first else { return "\(place): no records found" }
      return "\(place): none of the \(skipped) records is valid; the first: \(first)"
    }
  }
}
