/// Which of a prompt's answers are compared, for online DPO (Guo et al. 2024, arXiv 2402.04792): the best against the worst.
public struct PairChoice: Sendable, Equatable {
  /// The place of the answer with the highest score; the first of equals.
  public let chosen: Int
  /// The place of the answer with the lowest score; the last of equals, so that of two that tie the first is chosen.
  public let rejected: Int

  /// The choice among answers by their scores; nil where fewer than two have one that is a number.
  public init?(scores: [Double?]) {
    let known = scores.enumerated().compactMap { place, score in
      score.flatMap { $0.isNaN ? nil : (place: place, score: $0) }
    }
    guard known.count > 1, var best = known.first, var worst = known.first else { return nil }
    for answer in known.dropFirst() {
      if answer.score > best.score { best = answer }
      if answer.score <= worst.score { worst = answer }
    }
    (chosen, rejected) = (best.place, worst.place)
  }
}
