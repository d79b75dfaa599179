/// A loss of the margin between the two answers' scores alone, summed or averaged over tokens. Only such losses have a meaning
/// for other f-divergences than the reverse KL.
protocol MarginLoss: PairLoss {
  /// Whether scores are averaged over an answer's tokens, where others sum them.
  var averagesOverTokens: Bool { get }

  /// The loss of a margin, and its derivative.
  func callAsFunction(margin: Double) -> (loss: Double, slope: Double)
}

extension MarginLoss {
  var averagesOverTokens: Bool { false }

  func callAsFunction(_ pair: Pair) -> PairLossValue {
    let share = averagesOverTokens ? pair.shares : Pair.Sides(chosen: 1, rejected: 1)
    let (loss, slope) = self(margin: pair.scores.with(share, *).margin)
    return PairLossValue(loss, slopes: slope * share.chosen, -slope * share.rejected)
  }
}
