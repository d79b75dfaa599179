import Foundation

/// EXO of pairs (Ji et al. 2024, arXiv 2402.00856, equation 16): the reverse KL from the policy's preference to the label's,
/// q (log q − log(1 − ε)) + (1 − q)(log(1 − q) − log ε), q = σ(β(Δc − Δr)), where a share ε of the labels is wrong.
struct EXOLoss: MarginLoss {
  static let summary = "EXO: the reverse KL to the labels; needs label smoothing"
  static let papers: [Paper] = [
    .dpo,
    Paper(
      "ji2024towards", "Towards Efficient Exact Optimization of Language Model Alignment",
      """
      Ji, Haozhe and Lu, Cheng and Niu, Yilin and Ke, Pei and Wang, Hongning and Zhu, Jun and Tang, Jie and
          Huang, Minlie
      """, year: 2024, arXiv: "2402.00856"),
  ]
  static let parameters: Set<LossParameter> = [.beta, .labelSmoothing]

  let (β, ε): (Double, Double)

  init(_ parameters: LossParameters) throws {
    (β, ε) = (parameters.beta, parameters.labelSmoothing)
    guard ε > 0 else {
      throw ObjectiveError(
        "\(setting: "loss") exo-pair needs \(setting: "label-smoothing") greater than 0; its paper takes 0.001")
    }
  }

  func callAsFunction(margin: Double) -> (loss: Double, slope: Double) {
    let z = β * margin
    let q = sigmoid(z)
    return (
      q * (logSigmoid(z) - log1p(-ε)) + sigmoid(-z) * (logSigmoid(-z) - log(ε)),
      // log q − log(1 − q) is z, and the other terms of the product rule cancel.
      β * q * sigmoid(-z) * (z - log1p(-ε) + log(ε))
    )
  }
}
