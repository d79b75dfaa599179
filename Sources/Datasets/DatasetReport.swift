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
    for tally in skipped { lines.append("skipped \(tally.count): \(tally.reason) (\(Self.examples(of: tally)))") }
    for tally in remarked { lines.append("kept \(tally.count): \(tally.reason) (\(Self.examples(of: tally)))") }
    return lines.joined(separator: "\n")
  }

  private static func examples(of tally: Tally) -> String {
    tally.examples.joined(separator: ", ") + (tally.count > tally.examples.count ? ", …" : "")
  }
}

extension [DatasetReport.Tally] {
  /// Counts one more of a reason.
  mutating func count(_ reason: String, _ example: String) {
    guard let index = firstIndex(where: { $0.reason == reason }) else {
      return append(DatasetReport.Tally(reason: reason, count: 1, examples: [example]))
    }
    self[index].count += 1
    if self[index].examples.count < 3 { self[index].examples.append(example) }
  }
}
