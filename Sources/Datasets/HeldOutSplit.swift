/// Divides records so that no prompt is on both sides.
public enum HeldOutSplit {
  /// Holds out about a share of the records: whole groups of those with the same prompt, chosen at random.
  /// - Parameters:
  ///   - share: between 0 and 1.
  ///   - seed: the same records, share and seed give the same split.
  ///   - prompt: what two records of one group have in common.
  public static func split<Record>(
    _ records: [Record], share: Double, seed: UInt64, by prompt: (Record) -> some Hashable
  ) -> (kept: [Record], heldOut: [Record]) {
    let groups = Dictionary(grouping: records.indices) { prompt(records[$0]) }
    var order = groups.values.sorted { $0[0] < $1[0] }
    var generator = SplitMix64(seed: seed)
    for last in stride(from: order.count - 1, to: 0, by: -1) {
      order.swapAt(last, generator.index(below: last + 1))
    }
    let wanted = Int((share * Double(records.count)).rounded())
    var heldOut: Set<Int> = []
    for group in order where heldOut.count + group.count <= wanted { heldOut.formUnion(group) }
    return (
      records.indices.filter { !heldOut.contains($0) }.map { records[$0] },
      records.indices.filter { heldOut.contains($0) }.map { records[$0] }
    )
  }
}
