/// Length-normalized DPO (Lambert et al. 2024, arXiv 2411.15124, section 5): −log σ(z), z = β(Δc/|c| − Δr/|r|). Label smoothing is
/// that of conservative DPO.
struct NormalizedSigmoidLoss: MarginLoss {
  static let summary = "length-normalized DPO (TRL: sigmoid_norm)"
  static let papers: [Paper] = [
    .dpo,
    Paper(
      "lambert2024tulu3", "Tulu 3: Pushing Frontiers in Open Language Model Post-Training",
      """
      Lambert, Nathan and Morrison, Jacob and Pyatkin, Valentina and Huang, Shengyi and Ivison, Hamish and
          Brahman, Faeze and Miranda, Lester James V. and others
      """, year: 2024, arXiv: "2411.15124"),
  ]
  static let parameters: Set<LossParameter> = [.beta, .labelSmoothing]

  let (β, ε): (Double, Double)

  init(_ parameters: LossParameters) { (β, ε) = (parameters.beta, parameters.labelSmoothing) }

  let averagesOverTokens = true

  func callAsFunction(margin: Double) -> (loss: Double, slope: Double) {
    let (loss, slope) = logisticLoss(β * margin, smoothing: ε)
    return (loss, β * slope)
  }

  var firstValue: String? { "ln 2 = 0.693147" }
}
