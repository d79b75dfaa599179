import Foundation

/// ORPO (Hong et al. 2024, arXiv 2403.07691, equations 6 and 7): the chosen answer's negative log-likelihood, and β times
/// −log σ(z), where z is the logarithm of the ratio of odds p/(1 − p), p being e to an answer's log-probability averaged over its
/// tokens: z = (c̄ − r̄) − (log(1 − e^c̄) − log(1 − e^r̄)); no reference.
///
/// The likelihood is averaged over the batch's tokens. It is the answer's, as the paper writes; TRL's covers the prompt too.
struct ORPOLoss: PairLoss {
  static let summary = "ORPO: likelihood and odds ratio, no reference"
  static let method = PreferenceMethod(tag: "orpo", name: "odds ratio preference optimization (ORPO)")
  static let papers = [
    Paper(
      "hong2024orpo", "{ORPO}: Monolithic Preference Optimization without Reference Model",
      "Hong, Jiwoo and Lee, Noah and Thorne, James", year: 2024, arXiv: "2403.07691")
  ]
  static let parameters: Set<LossParameter> = [.beta, .orpoPromptLoss]
  static let comparesWithReference = false

  let β: Double

  init(_ parameters: LossParameters) { β = parameters.beta }

  let likelihood = 1.0
  let reportsAverages = true

  func callAsFunction(_ pair: Pair) -> PairLossValue {
    let share = pair.shares
    // An answer that is certain in float32 has no finite odds: 1 − p is then taken for the least that float32 can tell from 0.
    let c = min(pair.scores.chosen * share.chosen, -6e-8)
    let r = min(pair.scores.rejected * share.rejected, -6e-8)
    let logOdds = (c - r) - (log(-expm1(c)) - log(-expm1(r)))
    let slope = -β * sigmoid(-logOdds)
    return PairLossValue(
      -β * logSigmoid(logOdds),
      // d log(p / (1 − p)) = d log p / (1 − p).
      slopes: slope / -expm1(c) * share.chosen, -slope / -expm1(r) * share.rejected,
      metrics: [("log_odds_ratio", logSigmoid(logOdds)), ("log_odds_chosen", logOdds)])
  }
}
