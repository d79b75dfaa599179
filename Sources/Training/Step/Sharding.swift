import Collectives
import Llama

/// What each of several ranks keeps of a training's state (Rajbhandari et al. 2020, arXiv 1910.02054).
public enum Sharding: String, Sendable, CaseIterable {
  /// All of it: only the work is split (data parallel).
  case none
  /// The optimizer's moments of a range of its own, which it updates for all (ZeRO-1).
  case optimizer
}

extension Parameters {
  /// Cuts the gradients into a range for each rank, alike in length. Cuts lie where the blocks of moments in 8 bits do.
  func ranges(among count: Int) -> [Range<Int>] {
    let (entries, total) = (trainedEntries, gradients?.count ?? 0)
    let cuts = (1..<max(1, count)).map { number in
      let aim = total / count * number + total % count * number / count
      guard let (_, tensor) = entries.first(where: { $0.gradients.contains(aim) }) else { return total }
      return tensor.lowerBound + (aim - tensor.lowerBound) / AdamW.block * AdamW.block
    }
    return zip([0] + cuts, cuts + [total]).map { $0..<$1 }
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
