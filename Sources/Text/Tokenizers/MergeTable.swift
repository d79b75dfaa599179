/// Which pairs of neighbouring tokens merge, into which token, and which pairs go first.
struct MergeTable: Sendable {
  /// A merge: the rank in the upper half (a smaller one goes first), the id of the merged token in the lower half.
  typealias Merge = UInt64
  /// What stands for a pair that does not merge: after every merge there can be.
  static let none = Merge.max

  private struct Slot: Sendable {
    var pair: UInt64
    var merge: Merge
  }

  private var slots: [Slot] = Array(repeating: Slot(pair: 0, merge: none), count: 1024)
  private var shift: UInt64 = 64 - 10
  private(set) var count = 0
  /// An odd number of this process's own, so that no file can be made to collide.
  private let multiplier = UInt64.random(in: .min ... .max) | 1

  /// Says that `left` and `right` merge into `merged`; a pair's last merge counts.
  mutating func set(_ left: Int32, _ right: Int32, rank: UInt32, merged: Int32) {
    if (count + 1) * 2 > slots.count { grow() }
    let pair = Self.pair(left, right)
    let slot = self.slot(of: pair)
    if slots[slot].merge == Self.none { count += 1 }
    slots[slot] = Slot(pair: pair, merge: UInt64(rank) << 32 | UInt64(UInt32(bitPattern: merged)))
  }

  /// The merge of two neighbours, `none` if they stay apart.
  @inline(__always)
  func merge(_ left: Int32, _ right: Int32) -> Merge { slots[slot(of: Self.pair(left, right))].merge }

  /// All merges in no particular order, as pairs of tokens.
  var pairs: some Sequence<(left: Int32, right: Int32)> {
    slots.lazy.filter { $0.merge != Self.none }.map {
      (Int32(truncatingIfNeeded: $0.pair >> 32), Int32(truncatingIfNeeded: $0.pair))
    }
  }

  /// All merges, those that go first in front; among equals in the order of their ids.
  var ordered: [(left: Int32, right: Int32, merge: Merge)] {
    slots.filter { $0.merge != Self.none }.sorted { ($0.merge, $0.pair) < ($1.merge, $1.pair) }.map {
      (Int32(truncatingIfNeeded: $0.pair >> 32), Int32(truncatingIfNeeded: $0.pair), $0.merge)
    }
  }

  /// The id of the token that a merge makes.
  @inline(__always)
  static func token(_ merge: Merge) -> Int32 { Int32(truncatingIfNeeded: merge) }

  /// The rank of a merge.
  @inline(__always)
  static func rank(_ merge: Merge) -> UInt64 { merge >> 32 }

  @inline(__always)
  private static func pair(_ left: Int32, _ right: Int32) -> UInt64 {
    UInt64(UInt32(bitPattern: left)) << 32 | UInt64(UInt32(bitPattern: right))
  }

  /// The slot that holds the pair, or the free one where it belongs.
  @inline(__always)
  private func slot(of pair: UInt64) -> Int {
    var slot = Int(truncatingIfNeeded: (pair &* multiplier) &>> shift)
    while slots[slot].merge != Self.none, slots[slot].pair != pair { slot = (slot &+ 1) & (slots.count &- 1) }
    return slot
  }

  private mutating func grow() {
    let old = slots
    slots = Array(repeating: Slot(pair: 0, merge: Self.none), count: old.count * 2)
    shift -= 1
    for entry in old where entry.merge != Self.none { slots[slot(of: entry.pair)] = entry }
  }
}
