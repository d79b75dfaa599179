import Foundation

/// DiscoPOP (Lu et al. 2024, arXiv 2406.08414, equation 5): −log σ(z)(1 − m) + e^−z m, z = β(Δc − Δr), m = σ(z/τ), with the
/// paper's τ = 0.05: the logistic loss where the policy is wrong, the exponential one where it is right.
struct DiscoPOPLoss: MarginLoss {
  static let summary = "DiscoPOP: a loss that a language model discovered"
  static let papers: [Paper] = [
    .dpo,
    Paper(
      "lu2024discovering", "Discovering Preference Optimization Algorithms with and for Large Language Models",
      """
      Lu, Chris and Holt, Samuel and Fanconi, Claudio and Chan, Alex J. and Foerster, Jakob and
          van der Schaar, Mihaela and Lange, Robert Tjarko
      """, year: 2024, arXiv: "2406.08414"),
  ]

  let β: Double
  let τ = 0.05

  init(_ parameters: LossParameters) { β = parameters.beta }

  func callAsFunction(margin: Double) -> (loss: Double, slope: Double) {
    let z = β * margin
    let (m, rest) = (sigmoid(z / τ), sigmoid(-z / τ))
    // e^−z alone would overflow where m is next to nothing.
    let exponential = exp(logSigmoid(z / τ) - z)
    return (
      -logSigmoid(z) * rest + exponential,
      β * (-sigmoid(-z) * rest + logSigmoid(z) * m * rest / τ + exponential * (rest / τ - 1))
    )
  }
}
