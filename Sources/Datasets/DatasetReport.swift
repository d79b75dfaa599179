import JSON

/// What became of the records that a reader met.
public struct DatasetReport: Sendable, Equatable, CustomStringConvertible {
  /// Records that have something in common.
  public struct Tally: Sendable, Equatable {
    /// What they have in common.
    public let reason: String
    /// How many they are.
    public internal(set) var count: Int
    /// The first of them, at most three, each with its place.
    public internal(set) var examples: [String]

    /// The examples on one line.
    package var places: String { examples.joined(separator: ", ") + (count > examples.count ? ", …" : "") }
  }

  /// Records met, the skipped ones among them.
  public internal(set) var read = 0
  /// Records handed on.
  public internal(set) var kept = 0
  /// Records left out, by reason, in order of first occurrence.
  public internal(set) var skipped: [Tally] = []
  /// Records that were kept although odd, by remark, in order of first occurrence.
  public internal(set) var remarked: [Tally] = []

  /// A line with the counts, then a line for each reason and remark.
  public var description: String {
    var lines = ["read \(read) records, kept \(kept)"]
    for tally in skipped { lines.append("skipped \(tally.count): \(tally.reason) (\(tally.places))") }
    for tally in remarked { lines.append("kept \(tally.count): \(tally.reason) (\(tally.places))") }
    return lines.joined(separator: "\n")
  }
}

extension [DatasetReport.Tally] {
  /// Counts more of a reason, one if nothing else is said.
  package mutating func count(_ reason: String, _ example: String, times: Int = 1) {
    guard let index = firstIndex(where: { $0.reason == reason }) else {
      return append(DatasetReport.Tally(reason: reason, count: times, examples: [example]))
    }
    self[index].count += times
    if self[index].examples.count < 3 { self[index].examples.append(example) }
  }
}
