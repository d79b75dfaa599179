/// BCO of pairs (Jung et al. 2024, arXiv 2404.04656), without the reward's shift, as TRL has it: −log σ(βΔc) − log σ(−βΔr).
struct BCOPairLoss: PairLoss {
  static let summary = "BCO: a classifier of better and worse answers"
  static let papers: [Paper] = [
    .dpo,
    Paper(
      "jung2024binary", "Binary Classifier Optimization for Large Language Model Alignment",
      "Jung, Seungjae and Han, Gunsoo and Nam, Daniel Wontae and On, Kyoung-Woon", year: 2024, arXiv: "2404.04656"),
  ]

  let β: Double

  init(_ parameters: LossParameters) { β = parameters.beta }

  func callAsFunction(_ pair: Pair) -> PairLossValue {
    let (c, r) = (β * pair.scores.chosen, β * pair.scores.rejected)
    return PairLossValue(-logSigmoid(c) - logSigmoid(-r), slopes: -β * sigmoid(-c), β * sigmoid(r))
  }
}
