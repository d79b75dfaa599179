/// SimPO (Meng et al. 2024, arXiv 2405.14734, equation 6): −log σ(z), z = β(c/|c| − r/|r|) − γ; no reference. Label smoothing
/// is that of conservative DPO.
struct SimPOLoss: MarginLoss {
  static let summary = "SimPO: averages, a target margin, no reference"
  static let method = PreferenceMethod(tag: "simpo", name: "simple preference optimization (SimPO)")
  static let papers = [
    Paper(
      "meng2024simpo", "{SimPO}: Simple Preference Optimization with a Reference-Free Reward",
      "Meng, Yu and Xia, Mengzhou and Chen, Danqi", year: 2024, arXiv: "2405.14734")
  ]
  static let parameters: Set<LossParameter> = [.beta, .labelSmoothing, .simpoGamma]
  static let comparesWithReference = false

  let (β, ε, γ): (Double, Double, Double)

  init(_ parameters: LossParameters) {
    (β, ε, γ) = (parameters.beta, parameters.labelSmoothing, parameters.simpoGamma)
  }

  let averagesOverTokens = true

  func callAsFunction(margin: Double) -> (loss: Double, slope: Double) {
    let (loss, slope) = logisticLoss(β * margin - γ, smoothing: ε)
    return (loss, β * slope)
  }

  let reportsAverages = true
}
