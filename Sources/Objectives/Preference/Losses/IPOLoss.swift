/// IPO (Azar et al. 2023, arXiv 2310.12036, equation 17): (z − 1/2β)², z = Δc/|c| − Δr/|r|, per token as TRL has it.
struct IPOLoss: MarginLoss {
  static let summary = "IPO: a squared distance from the margin 1/(2β)"
  static let papers: [Paper] = [.dpo]

  let β: Double

  init(_ parameters: LossParameters) { β = parameters.beta }

  let averagesOverTokens = true

  func callAsFunction(margin: Double) -> (loss: Double, slope: Double) {
    let distance = margin - 1 / (2 * β)
    return (distance * distance, 2 * distance)
  }

  var firstValue: String? { "1/(2β)² = \(shortText(1 / (4 * β * β)))" }
}
