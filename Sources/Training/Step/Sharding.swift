import Collectives
import Llama

/// What each of several ranks keeps of a training's state (Rajbhandari et al. 2020, arXiv 1910.02054).
public enum Sharding: String, Sendable, CaseIterable {
  /// All of it: only the work is split (data parallel).
  case none
  /// The optimizer's moments of a range of its own, which it updates for all (ZeRO-1).
  case optimizer
  /// A part of every layer's weights, gradients and moments (ZeRO-3). A layer's weights are there only while it computes.
  case all
}

extension Parameters {
  /// The gradients that each of several ranks sums: one range, alike in length, or what it keeps of each group.
  func summedRanges(among count: Int) -> [[Range<Int>]] {
    keptGradients
      ?? (0..<(gradients?.count ?? 0)).cut(among: count, within: trainedEntries.map(\.gradients)).map { [$0] }
  }

  /// Where the values lie whose gradients are in a range.
  func values(of range: Range<Int>) -> [Range<Int>] {
    trained.compactMap { trained in
      let own = range.clamped(to: trained.gradients)
      guard !own.isEmpty else { return nil }
      let offset = trained.values.lowerBound - trained.gradients.lowerBound
      return own.lowerBound + offset..<own.upperBound + offset
    }
  }
}
