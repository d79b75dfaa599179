/// Supervised fine-tuning on the chosen answers: their negative log-likelihood, averaged over their tokens of the whole batch (TRL:
/// of a micro-batch). It is what other losses take beside them too, as MPO does (Wang et al. 2024, arXiv 2411.10442: L_g), and so all that is said of it is how much it
/// counts.
struct ChosenLikelihoodLoss: PairLoss {
  static let summary = "likelihood of the chosen answers, for use beside others"
  static let method = PreferenceMethod(tag: "sft", name: "supervised fine-tuning (SFT), of the better answers only,")
  static let papers: [Paper] = []
  static let parameters: Set<LossParameter> = []
  static let comparesWithReference = false

  init(_ parameters: LossParameters) {}

  let likelihood = 1.0

  func callAsFunction(_ pair: Pair) -> PairLossValue { PairLossValue(0, slopes: 0, 0) }
}
