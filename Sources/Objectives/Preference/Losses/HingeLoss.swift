/// SLiC's hinge (Zhao et al. 2023, arXiv 2305.10425: the calibration loss, without its regularization), on log-ratios as in RSO
/// (Liu et al. 2023, arXiv 2309.06657: hinge-norm): max(0, 1 − z), z = β(Δc − Δr).
struct HingeLoss: MarginLoss {
  static let summary = "SLiC's hinge, on log-ratios"
  static let papers: [Paper] = [
    .dpo,
    Paper(
      "zhao2023slichf", "{SLiC-HF}: Sequence Likelihood Calibration with Human Feedback",
      """
      Zhao, Yao and Joshi, Rishabh and Liu, Tianqi and Khalman, Misha and Saleh, Mohammad and Liu, Peter J.
      """, year: 2023, arXiv: "2305.10425"),
  ]

  let β: Double

  init(_ parameters: LossParameters) { β = parameters.beta }

  func callAsFunction(margin: Double) -> (loss: Double, slope: Double) {
    let z = β * margin
    return z < 1 ? (1 - z, -β) : (0, 0)
  }

  var firstValue: String? { "1" }
}
