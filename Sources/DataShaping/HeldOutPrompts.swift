import Datasets

/// Which records of a data set are held out, decided by prompt, so that no prompt is on both sides.
///
/// Prompts are the same where their words are (`TextWords`). They are ranked by a hash of seed and prompt, and taken in that
/// order while their records still fit. So the choice does not depend on the order of the records, and hardly changes
/// when more are added.
package struct HeldOutPrompts {
  /// The key of each record's prompt, in order.
  private var keys: [UInt64] = []

  /// No records yet.
  package init() {}

  /// How many records there are.
  package var count: Int { keys.count }

  /// Adds the next record by the key of its prompt.
  package mutating func add(_ key: UInt64) { keys.append(key) }

  /// For each record, whether it is held out.
  /// - Parameter wanted: how many records to hold out at most.
  package func choose(_ wanted: Int, seed: UInt64) -> [Bool] {
    let sizes = keys.reduce(into: [UInt64: Int]()) { $0[$1, default: 0] += 1 }
    let rank = { (key: UInt64) in key.followed(by: seed) }
    var heldOut: Set<UInt64> = []
    var left = wanted
    for key in sizes.keys.sorted(by: { (rank($0), $0) < (rank($1), $1) }) where left > 0 {
      guard let size = sizes[key], size <= left else { continue }
      heldOut.insert(key)
      left -= size
    }
    return keys.map { heldOut.contains($0) }
  }
}
