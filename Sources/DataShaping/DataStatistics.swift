/// What is to be known about a data set before training on it.
package struct DataStatistics: Sendable {
  /// What lengths are counted in: `tokens`.
  package let unit: String
  /// The length at which training would cut, where there is one.
  package let maximumLength: Int?

  /// Records of each kind.
  package private(set) var (pairs, conversations) = (0, 0)
  /// Rated answers of each kind.
  package private(set) var (good, bad) = (0, 0)
  /// Records that say the same as an earlier one.
  package private(set) var duplicates = 0
  /// Pairs with two answers that are the same.
  package private(set) var sameAnswers = 0
  /// Conversations that have a weight other than 1, or a message with one.
  package private(set) var weighted = 0
  /// Pairs whose chosen answer is longer than the rejected one, and as long.
  package private(set) var (chosenLonger, equallyLong) = (0, 0)
  /// Records of which a conversation is longer than the maximum, and by how much all of these are longer together.
  package private(set) var (truncated, excess) = (0, 0)

  private var contents: Set<ContentHash> = []
  private var promptCounts: [ContentHash: UInt32] = [:]
  private var lengths: [Part: [Int32]] = [:]
  private var differences: [Int32] = []

  private enum Part: String, CaseIterable { case prompt, chosen, rejected, good, bad, answer, whole }

  /// No records yet.
  package init(unit: String, maximumLength: Int? = nil) {
    self.unit = unit
    self.maximumLength = maximumLength
  }

  /// All records.
  package var records: Int { pairs + ratings + conversations }
  /// Rated answers.
  package var ratings: Int { good + bad }
  /// Different prompts.
  package var prompts: Int { promptCounts.count }
  /// Prompts of more than one record.
  package var sharedPrompts: Int { promptCounts.values.count { $0 > 1 } }
  /// Records whose prompt another one has too.
  package var recordsWithSharedPrompt: Int { promptCounts.values.reduce(0) { $0 + ($1 > 1 ? Int($1) : 0) } }
  /// The length of all conversations together.
  package var totalLength: Int { (lengths[.whole] ?? []).reduce(0) { $0 + Int($1) } }

  /// The lengths of each part that occurs; `whole` counts each of a pair's conversations.
  package var columns: [LengthColumn] {
    Part.allCases.compactMap { part in lengths[part].map { LengthColumn(name: part.rawValue, $0) } }
  }

  /// For each pair, how much longer the chosen answer is.
  package var difference: LengthColumn { LengthColumn(name: "chosen − rejected", differences) }

  /// Adds a record.
  package mutating func add(_ record: RecordMeasure) {
    if !contents.insert(record.content).inserted { duplicates += 1 }
    promptCounts[record.promptContent, default: 0] &+= 1
    append(record.prompt, to: .prompt)
    if record.answers.count == 2 {
      pairs += 1
      if record.hasSameAnswers { sameAnswers += 1 }
      let (chosen, rejected) = (record.answers[0], record.answers[1])
      append(chosen, to: .chosen)
      append(rejected, to: .rejected)
      differences.append(Int32(clamping: chosen - rejected))
      if chosen > rejected { chosenLonger += 1 } else if chosen == rejected { equallyLong += 1 }
    } else if let isGood = record.isGood {
      if isGood { good += 1 } else { bad += 1 }
      for answer in record.answers { append(answer, to: isGood ? .good : .bad) }
    } else {
      conversations += 1
      if record.isWeighted { weighted += 1 }
      for answer in record.answers { append(answer, to: .answer) }
    }
    for total in record.totals { append(total, to: .whole) }
    if let maximumLength {
      let beyond = record.totals.reduce(0) { $0 + max(0, $1 - maximumLength) }
      if beyond > 0 { truncated += 1 }
      excess += beyond
    }
  }

  private mutating func append(_ length: Int, to part: Part) {
    lengths[part, default: []].append(Int32(clamping: length))
  }
}
