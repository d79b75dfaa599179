/// Robust DPO (Chowdhury et al. 2024, arXiv 2403.00409: rDPO): (−(1 − ε) log σ(z) + ε log σ(−z)) / (1 − 2ε),
/// z = β(Δc − Δr): unbiased where a share ε of the labels is wrong.
struct RobustLoss: MarginLoss {
  static let summary = "robust DPO: unbiased where a share of the labels is wrong"
  static let papers: [Paper] = [
    .dpo,
    Paper(
      "chowdhury2024provably", "Provably Robust {DPO}: Aligning Language Models with Noisy Feedback",
      "Ray Chowdhury, Sayak and Kini, Anush and Natarajan, Nagarajan", year: 2024, arXiv: "2403.00409"),
  ]
  static let parameters: Set<LossParameter> = [.beta, .labelSmoothing]

  let (β, ε): (Double, Double)

  init(_ parameters: LossParameters) { (β, ε) = (parameters.beta, parameters.labelSmoothing) }

  func callAsFunction(margin: Double) -> (loss: Double, slope: Double) {
    let z = β * margin
    return (
      (-(1 - ε) * logSigmoid(z) + ε * logSigmoid(-z)) / (1 - 2 * ε),
      β * (-(1 - ε) * sigmoid(-z) - ε * sigmoid(z)) / (1 - 2 * ε)
    )
  }

  var firstValue: String? { "ln 2 = 0.693147" }
}
