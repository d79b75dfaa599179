/// APO-zero (D'Oosterlinck et al. 2024, arXiv 2408.06266, equation 7): 1 − σ(βΔc) + σ(βΔr), for chosen answers better than the
/// model's own.
struct APOZeroLoss: PairLoss {
  static let summary = "APO, for chosen answers better than the model's own"
  static let papers: [Paper] = [.dpo, .apo]

  let β: Double

  init(_ parameters: LossParameters) { β = parameters.beta }

  func callAsFunction(_ pair: Pair) -> PairLossValue {
    let (c, r) = (β * pair.scores.chosen, β * pair.scores.rejected)
    return PairLossValue(
      1 - sigmoid(c) + sigmoid(r), slopes: -β * sigmoid(c) * sigmoid(-c), β * sigmoid(r) * sigmoid(-r))
  }
}

extension Paper {
  static let apo = Paper(
    "doosterlinck2024anchored",
    "Anchored Preference Optimization and Contrastive Revisions: Addressing Underspecification in Alignment",
    """
    D'Oosterlinck, Karel and Xu, Winnie and Develder, Chris and Demeester, Thomas and Singh, Amanpreet and
        Potts, Christopher and Kiela, Douwe and Mehri, Shikib
    """, year: 2024, arXiv: "2408.06266")
}
