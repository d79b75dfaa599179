import Foundation

/// AlphaPO (Gupta et al. 2025, arXiv 2501.03884): SimPO with the reward r(p) = (1 − p^−α) / α in place of log p, where log p is an
/// answer's log-probability averaged over tokens: −log σ(z), z = β(r(p_c) − r(p_r)) − γ; no reference.
///
/// The slope of r by log p is p^−α: with α above 0 unlikely answers count more than likely ones, with α below 0 less. With α = 0 it
/// is SimPO. Label smoothing is that of conservative DPO.
struct AlphaPOLoss: PairLoss {
  static let summary = "AlphaPO: SimPO with a reward of another shape"
  static let method = PreferenceMethod(tag: "alphapo", name: "AlphaPO")
  static let papers = [
    Paper(
      "gupta2025alphapo", "{AlphaPO}: Reward Shape Matters for {LLM} Alignment",
      """
      Gupta, Aman and Tang, Shao and Song, Qingquan and Zhu, Sirou and Hong, Jiwoo and Saha, Ankan and
          Gupta, Viral and Lee, Noah and Kim, Eunki and Zhu, Siyu and Agrawal, Parag and Pillai, Natesh and
          Keerthi, S. Sathiya
      """, year: 2025, arXiv: "2501.03884")
  ]
  static let parameters: Set<LossParameter> = [.beta, .labelSmoothing, .simpoGamma, .alphapoAlpha]
  static let comparesWithReference = false

  let (β, ε, γ, α): (Double, Double, Double, Double)

  init(_ parameters: LossParameters) {
    (β, ε, γ) = (parameters.beta, parameters.labelSmoothing, parameters.simpoGamma)
    α = parameters.alphapoAlpha
  }

  func callAsFunction(_ pair: Pair) -> PairLossValue {
    let share = pair.shares
    let (chosen, rejected) = (
      shaped(pair.scores.chosen * share.chosen), shaped(pair.scores.rejected * share.rejected)
    )
    let (loss, slope) = logisticLoss(β * (chosen.value - rejected.value) - γ, smoothing: ε)
    return PairLossValue(
      loss, slopes: β * slope * chosen.slope * share.chosen, -β * slope * rejected.slope * share.rejected)
  }

  /// r of e to the average, and its derivative. Exponents end at 80, as in the α-divergence.
  private func shaped(_ average: Double) -> (value: Double, slope: Double) {
    guard abs(α) >= 1e-9 else { return (average, 1) }
    let isBeyond = -α * average > 80
    let exponent = isBeyond ? 80 : -α * average
    return (-expm1(exponent) / α, isBeyond ? 0 : exp(exponent))
  }

  let reportsAverages = true

  func reward(_ score: Double) -> Double { shaped(score).value }

  var rewardWords: String {
    guard abs(α) >= 1e-9 else { return "its mean log-probability a token" }
    return "(1 − p^−α) / α, where log p is its mean log-probability a token and α is \(α)"
  }
}
