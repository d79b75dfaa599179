/// IPO (Azar et al. 2023, arXiv 2310.12036, equation 17): (z − 1/2β)², z = Δc/|c| − Δr/|r|, averaged
/// over tokens as TRL has it and the authors, asked by TRL, mean it; the paper writes z = Δc − Δr.
struct IPOLoss: MarginLoss {
  static let summary = "IPO: a squared distance from 1/(2β); averages, as in TRL"
  static let parameters: Set<LossParameter> = [.beta, .ipoSums]
  static let papers: [Paper] = [
    .dpo,
    Paper(
      "azar2023general", "A General Theoretical Paradigm to Understand Learning from Human Preferences",
      """
      Azar, Mohammad Gheshlaghi and Rowland, Mark and Piot, Bilal and Guo, Daniel and Calandriello, Daniele and
          Valko, Michal and Munos, R{\'e}mi
      """, year: 2023, arXiv: "2310.12036"),
  ]

  let β: Double
  let averagesOverTokens: Bool

  init(_ parameters: LossParameters) { (β, averagesOverTokens) = (parameters.beta, !parameters.ipoSums) }

  func callAsFunction(margin: Double) -> (loss: Double, slope: Double) {
    let distance = margin - 1 / (2 * β)
    return (distance * distance, 2 * distance)
  }

  var firstValue: String? { "1/(2β)² = \(shortText(1 / (4 * β * β)))" }
}
