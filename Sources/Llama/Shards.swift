import CKernels
import Collectives
import ModelFiles
import Torch

/// Several ranks that keep a model's parameters together, each a part of every group (ZeRO-3: Rajbhandari et al. 2020, arXiv
/// 1910.02054).
///
/// All numbers have their addresses on every rank, so that layers find them where they always are. But only a rank's own parts stay in
/// memory: what others keep of a group's values comes before the group is used, and goes after; gradients go where their sum is kept
/// as soon as the backward is past the group.
public struct Shards {
  /// The ranks.
  public let ranks: any Communicator
  /// For each group the places of what each rank keeps, among all values of the block.
  let parts: [Architecture.Group: [Range<Int>]]

  init(_ layout: ParameterLayout, among ranks: any Communicator) {
    self.ranks = ranks
    let tensors = layout.entries.map(\.range)
    parts = Dictionary(
      uniqueKeysWithValues: layout.groups.map { ($0.group, $0.range.cut(among: ranks.count, within: tensors)) })
  }
}

extension Range<Int> {
  /// Cuts places into a range for each rank, alike in length. Cuts lie where blocks of 256 numbers of a tensor do, since those are
  /// kept together.
  /// - Parameter tensors: where each tensor lies.
  package func cut(among count: Int, within tensors: [Range<Int>]) -> [Range<Int>] {
    let (total, block) = (self.count, Int(CK_DYNAMIC_BLOCK))
    let cuts = (1..<Swift.max(1, count)).map { number in
      let aim = lowerBound + total / count * number + total % count * number / count
      guard let tensor = tensors.first(where: { $0.contains(aim) }) else { return upperBound }
      return tensor.lowerBound + (aim - tensor.lowerBound) / block * block
    }
    return zip([lowerBound] + cuts, cuts + [upperBound]).map { $0..<$1 }
  }
}

extension Parameters {
  /// The values that this process keeps: all, or its part of each group.
  public var kept: [Range<Int>] {
    guard let shards else { return [0..<layout.count] }
    return layout.groups.compactMap { shards.parts[$0.group]?[shards.ranks.rank] }
  }

  /// For each rank the places among the gradients of what it keeps; nil where one process keeps all.
  public var keptGradients: [[Range<Int>]]? {
    guard let shards else { return nil }
    return (0..<shards.ranks.count).map { rank in
      layout.groups.compactMap { shards.parts[$0.group].flatMap { gradientRange($0[rank]) } }
    }
  }

  /// Has the values of a group in memory while they are used.
  func using<Result>(_ group: Architecture.Group, _ body: () throws -> Result) throws -> Result {
    try fetch(group)
    defer { release(group) }
    return try body()
  }

  /// Has the values of a group in memory, until they are released.
  func fetch(_ group: Architecture.Group) throws {
    guard let shards, let parts = shards.parts[group] else { return }
    try shards.ranks.gather(values.buffer, owned: parts.map { [$0] })
  }

  /// Leaves the values of a group to those that keep them.
  func release(_ group: Architecture.Group) {
    guard let parts = shards?.parts[group], let first = parts.first, let last = parts.last else { return }
    release(first.lowerBound..<last.upperBound)
  }

  /// The same for some values, which this process has read or made.
  package func release(_ range: Range<Int>) {
    guard let shards else { return }
    for parts in shards.parts.values {
      for (rank, part) in parts.enumerated() where rank != shards.ranks.rank && part.overlaps(range) {
        values.discard(part.clamped(to: range))
      }
    }
  }

  /// Takes the gradients that the backward has computed of a group to where they are kept: on one of several ranks, their sum, and
  /// in bfloat16. Where they were and are not kept they are zero again.
  func collect(_ group: Architecture.Group) throws {
    guard shards != nil || narrow != nil else { return }
    guard let gradients, let range = layout.groups.first(where: { $0.group == group })?.range,
      let all = gradientRange(range)
    else { return }
    var own = all
    if let shards, let parts = shards.parts[group] {
      let places = parts.compactMap(gradientRange)
      try shards.ranks.sum(gradients.buffer, owning: places)
      own = places[shards.ranks.rank]
      for place in places where place != own { gradients.discard(place) }
    }
    guard let narrow else { return }
    try narrow.add(gradients.floats + own.lowerBound, to: own)
    gradients.discard(own)
  }

  /// Calls `body` with all values of a tensor. Where others keep parts of it, the first rank alone may ask, and the others send.
  func withValues(_ entry: ParameterLayout.Entry, _ body: (UnsafeBufferPointer<Float>) throws -> Void) throws {
    let value = value(entry)
    try forEachPart(of: entry) { rank, bytes in
      if rank != 0 { try shards?.ranks.receive(into: bytes, from: rank) }
    }
    try body(UnsafeBufferPointer(value.buffer))
    release(entry.range)
  }

  /// Sends the first rank what this one keeps of all tensors, in their order.
  package func sendValues() throws {
    guard let shards else { return }
    for entry in layout.entries {
      try forEachPart(of: entry) { rank, bytes in
        if rank == shards.ranks.rank { try shards.ranks.send(UnsafeRawBufferPointer(bytes), to: 0) }
      }
    }
  }

  private func forEachPart(
    of entry: ParameterLayout.Entry, _ body: (_ rank: Int, UnsafeMutableRawBufferPointer) throws -> Void
  ) throws {
    for (rank, part) in (shards?.parts[entry.tensor.group] ?? []).enumerated() where part.overlaps(entry.range) {
      try body(
        rank,
        UnsafeMutableRawBufferPointer(
          UnsafeMutableBufferPointer(rebasing: values.buffer[part.clamped(to: entry.range)])))
    }
  }
}
