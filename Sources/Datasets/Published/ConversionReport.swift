import JSON

/// What became of the rows of a published data set. Each row read is used, dropped or skipped.
package struct ConversionReport: Sendable, Equatable, CustomStringConvertible {
  /// Rows met.
  package internal(set) var read = 0
  /// Rows that records were made of.
  package private(set) var used = 0
  /// Pairs made.
  package private(set) var pairs = 0
  /// Conversations made.
  package private(set) var conversations = 0
  /// Rows that gave no record, by reason.
  package internal(set) var dropped: [DatasetReport.Tally] = []
  /// Rows that do not have the published form, by what is wrong.
  package internal(set) var skipped: [DatasetReport.Tally] = []
  /// Rows that are no objects of JSON, by what is wrong.
  package internal(set) var unreadable: [DatasetReport.Tally] = []
  /// What a person should know of rows that were used.
  package internal(set) var remarks: [DatasetReport.Tally] = []

  /// Pairs and conversations made.
  package var records: Int { pairs + conversations }

  /// Whether the rows used, dropped and skipped are all that were read.
  package var isComplete: Bool { read == used + (dropped + skipped + unreadable).map(\.count).reduce(0, +) }

  mutating func count(_ record: PublishedRecord, rows: Int) {
    used += rows
    switch record {
    case .pair(let pair, _, _):
      pairs += 1
      if pair.remark != nil { identical.count("pairs have the same text on both sides", pair.location.description) }
    case .conversation: conversations += 1
    }
  }
  private var identical: [DatasetReport.Tally] = []

  /// A line with the counts, then a line for each reason and remark.
  package var description: String {
    let made = conversations > 0 ? "\(conversations) conversations" : "\(pairs) pairs"
    var lines = ["read \(read) records, made \(made)" + (used == records ? "" : " of \(used) of them")]
    lines += dropped.map { "dropped \($0.count): \($0.reason) (\($0.places))" }
    lines += (skipped + unreadable).map { "skipped \($0.count): \($0.reason) (\($0.places))" }
    lines += (remarks + identical).map { "\($0.count) \($0.reason) (\($0.places))" }
    return lines.joined(separator: "\n")
  }
}
