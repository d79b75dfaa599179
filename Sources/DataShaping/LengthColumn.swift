/// The lengths of one part of all records.
package struct LengthColumn: Sendable {
  /// What was measured: `prompt`.
  package let name: String
  /// The lengths, the shortest first.
  package let sorted: [Int32]

  /// The shares of records for which percentiles are shown; 0 is the shortest and 1 the longest.
  package static let shares = [0, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99, 1]

  init(name: String, _ lengths: [Int32]) {
    self.name = name
    sorted = lengths.sorted()
  }

  /// The mean length.
  package var mean: Double {
    sorted.isEmpty ? 0 : Double(sorted.reduce(0) { $0 + Int($1) }) / Double(sorted.count)
  }

  /// The length that a share of the records does not exceed (nearest rank).
  package func percentile(_ share: Double) -> Int {
    guard let last = sorted.indices.last else { return 0 }
    let rank = Int((share * Double(sorted.count)).rounded(.up)) - 1
    return Int(sorted[min(last, max(0, rank))])
  }
}
