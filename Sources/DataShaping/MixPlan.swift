import JSON
import Wording

/// How many records a mixture takes of each of its sources.
package struct MixPlan: Sendable, Equatable {
  /// A data set that goes into a mixture.
  package struct Source: Sendable, Equatable {
    /// What the user calls it.
    package let name: String
    /// How many records it has.
    package let count: Int
    /// How many to take.
    package let take: Int?
    /// Its share of the mixture, in proportion to the other weights.
    package let weight: Double?

    /// A data set; all of it, where neither a number nor a weight is given.
    package init(name: String, count: Int, take: Int? = nil, weight: Double? = nil) {
      (self.name, self.count, self.take, self.weight) = (name, count, take, weight)
    }
  }

  /// For each source, how many records are taken.
  package let taken: [Int]

  /// A plan for some sources.
  ///
  /// Sources with weights make up a part of the mixture in which each has its share, and which is as large as it can be
  /// without repeating a record.
  /// - Parameters:
  ///   - total: how many records the sources with weights give together, instead.
  ///   - repeating: whether more may be taken of a source than it has.
  /// - Throws: `MixError` where a source has too few records.
  package init(_ sources: [Source], total: Int? = nil, repeating: Bool = false) throws(MixError) {
    let weights = sources.compactMap(\.weight).reduce(0, +)
    let largest = sources.compactMap { source in
      source.weight.flatMap { $0 > 0 ? Double(source.count) / ($0 / weights) : nil }
    }.min()
    let size = total.map(Double.init) ?? largest ?? 0
    // A product such as 0.1 / 0.3 * 3 may be just below the whole number that is meant.
    taken = sources.map { source in
      guard let weight = source.weight else { return source.take ?? source.count }
      let share = size * weight / weights
      return Int(total == nil ? (share + 1e-6).rounded(.down) : share.rounded())
    }
    for (source, taken) in zip(sources, taken) where taken > source.count && (!repeating || source.count == 0) {
      throw MixError(name: source.name, wanted: taken, count: source.count)
    }
  }
}

/// A source that has fewer records than are asked of it.
package struct MixError: Worded, Equatable {
  /// The source.
  package let name: String
  /// How many records are wanted.
  package let wanted: Int
  /// How many there are.
  package let count: Int

  /// An error.
  package init(name: String, wanted: Int, count: Int) {
    (self.name, self.wanted, self.count) = (name, wanted, count)
  }

  /// One line, with what to do.
  package var wording: Wording {
    "\(name) has \(count) records, \(wanted) are wanted of it; take fewer, or allow repeating them with \(setting: "repeat")"
  }
}
