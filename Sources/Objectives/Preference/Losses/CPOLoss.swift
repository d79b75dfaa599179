/// CPO (Xu et al. 2024, arXiv 2401.08417: L_prefer + L_NLL), as TRL has it: −log σ(z) with conservative DPO's label smoothing,
/// z = β(c − r), and α times the chosen answer's negative log-likelihood, averaged over tokens; no reference.
struct CPOLoss: MarginLoss {
  static let summary = "CPO: likelihood and log-probabilities, no reference"
  static let method = PreferenceMethod(tag: "cpo", name: "contrastive preference optimization (CPO)")
  static let papers = [
    Paper(
      "xu2024contrastive",
      """
      Contrastive Preference Optimization: Pushing the Boundaries of {LLM} Performance in Machine Translation
      """,
      """
      Xu, Haoran and Sharaf, Amr and Chen, Yunmo and Tan, Weiting and Shen, Lingfeng and Van Durme, Benjamin and
          Murray, Kenton and Kim, Young Jin
      """, year: 2024, arXiv: "2401.08417")
  ]
  static let parameters: Set<LossParameter> = [.beta, .labelSmoothing, .cpoAlpha]
  static let comparesWithReference = false

  let (β, ε): (Double, Double)
  let likelihood: Double

  init(_ parameters: LossParameters) {
    (β, ε) = (parameters.beta, parameters.labelSmoothing)
    likelihood = parameters.cpoAlpha
  }

  func callAsFunction(margin: Double) -> (loss: Double, slope: Double) {
    let (loss, slope) = logisticLoss(β * margin, smoothing: ε)
    return (loss, β * slope)
  }
}
