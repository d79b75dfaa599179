/// DPO (Rafailov et al. 2023, arXiv 2305.18290, equation 7): −log σ(z), z = β(Δc − Δr). With label smoothing ε it is
/// conservative DPO (Mitchell 2023, "A note on DPO with noisy preferences"): −(1 − ε) log σ(z) − ε log σ(−z).
struct SigmoidLoss: MarginLoss {
  static let summary = "DPO's own"
  static let papers: [Paper] = [.dpo]
  static let parameters: Set<LossParameter> = [.beta, .labelSmoothing]

  let (β, ε): (Double, Double)

  init(_ parameters: LossParameters) { (β, ε) = (parameters.beta, parameters.labelSmoothing) }

  func callAsFunction(margin: Double) -> (loss: Double, slope: Double) {
    let (loss, slope) = logisticLoss(β * margin, smoothing: ε)
    return (loss, β * slope)
  }

  var firstValue: String? { "ln 2 = 0.693147" }
}
