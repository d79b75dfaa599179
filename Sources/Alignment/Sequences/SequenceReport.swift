/// What became of a data set's records on their way to sequences.
public struct SequenceReport: Sendable {
  /// Records that came in.
  public internal(set) var read = 0
  /// Records that are trained on.
  public internal(set) var kept = 0
  /// Records with a sequence that was cut at the maximum length, and so lost its end; kept or not.
  public internal(set) var truncated = 0
  /// Truncated records that were left out because that was asked for.
  public internal(set) var droppedTruncated = 0
  /// Records left out because cutting, or an empty answer, left a side without a scored token.
  public internal(set) var droppedEmpty = 0
  /// The tokens of all kept sequences.
  public internal(set) var tokens = 0
  /// Records in which a message's first token is shared with what precedes it.
  public internal(set) var mergedBoundaries = 0
  /// The first such record.
  public internal(set) var firstMerged: SequenceBuilder.MergedBoundary?

  /// The counts for a person, a line each; nothing is said about what did not occur.
  public func lines(maximumLength: Int) -> [String] {
    var lines: [String] = []
    if truncated > 0 {
      let fate = droppedTruncated > 0 ? "left out" : "cut there, so that their end is not learned"
      lines.append("\(truncated) of \(read) records are longer than \(maximumLength) tokens and were \(fate)")
    }
    if droppedEmpty > 0 {
      lines.append("\(droppedEmpty) of \(read) records were left out: no token of an answer was left to score")
    }
    if let firstMerged {
      lines.append(
        "in \(mergedBoundaries) records the answer's first token merges with the prompt's last; they are scored from "
          + "that token on, first at \(firstMerged.location): …\(firstMerged.text.debugDescription)…")
    }
    return lines
  }
}
