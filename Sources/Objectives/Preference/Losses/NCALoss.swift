/// NCA of pairs (Chen et al. 2024, arXiv 2402.05369: the NCA loss of K = 2 answers, of which only the chosen one is rewarded):
/// −log σ(βΔc) − ½ log σ(−βΔc) − ½ log σ(−βΔr). It holds the chosen answer's likelihood up.
struct NCALoss: PairLoss {
  static let summary = "NCA: noise contrastive, keeps the chosen answer likely"
  static let papers: [Paper] = [
    .dpo,
    Paper(
      "chen2024noise", "Noise Contrastive Alignment of Language Models with Explicit Rewards",
      "Chen, Huayu and He, Guande and Yuan, Lifan and Cui, Ganqu and Su, Hang and Zhu, Jun", year: 2024,
      arXiv: "2402.05369"),
  ]

  let β: Double

  init(_ parameters: LossParameters) { β = parameters.beta }

  func callAsFunction(_ pair: Pair) -> PairLossValue {
    let (c, r) = (β * pair.scores.chosen, β * pair.scores.rejected)
    return PairLossValue(
      -logSigmoid(c) - 0.5 * logSigmoid(-c) - 0.5 * logSigmoid(-r),
      slopes: β * (-sigmoid(-c) + 0.5 * sigmoid(c)), β * 0.5 * sigmoid(r))
  }
}
