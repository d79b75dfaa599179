/// APO-down (D'Oosterlinck et al. 2024, arXiv 2408.06266, equation 8): σ(βΔc) + 1 − σ(β(Δc − Δr)), for chosen answers worse than
/// the model's own.
struct APODownLoss: PairLoss {
  static let summary = "APO, for chosen answers worse than the model's own"
  static let papers: [Paper] = [.dpo, .apo]

  let β: Double

  init(_ parameters: LossParameters) { β = parameters.beta }

  func callAsFunction(_ pair: Pair) -> PairLossValue {
    let (c, z) = (β * pair.scores.chosen, β * pair.scores.margin)
    let slope = β * sigmoid(z) * sigmoid(-z)
    return PairLossValue(sigmoid(c) + 1 - sigmoid(z), slopes: β * sigmoid(c) * sigmoid(-c) - slope, slope)
  }
}
