/// SPPO with hard labels (Wu et al. 2024, arXiv 2405.00675, equation 4.7 with P = 1 and P = 0):
/// (Δc − 1/2β)² + (Δr + 1/2β)², β being the paper's 1/η.
struct SPPOLoss: PairLoss {
  static let summary = "SPPO, with hard labels"
  static let papers: [Paper] = [
    .dpo,
    Paper(
      "wu2024selfplay", "Self-Play Preference Optimization for Language Model Alignment",
      "Wu, Yue and Sun, Zhiqing and Yuan, Huizhuo and Ji, Kaixuan and Yang, Yiming and Gu, Quanquan", year: 2024,
      arXiv: "2405.00675"),
  ]

  let β: Double

  init(_ parameters: LossParameters) { β = parameters.beta }

  func callAsFunction(_ pair: Pair) -> PairLossValue {
    let (c, r) = (pair.scores.chosen - 0.5 / β, pair.scores.rejected + 0.5 / β)
    return PairLossValue(c * c + r * r, slopes: 2 * c, 2 * r)
  }
}
