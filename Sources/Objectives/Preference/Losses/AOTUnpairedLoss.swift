/// AOT of answers without their pairing (Melnyk et al. 2024, arXiv 2406.05882): −log σ(z) with conservative DPO's label smoothing,
/// z = β(Δc − Δr), where both are sorted over the batch and the smallest Δc meets the smallest Δr. What is said of batches at
/// `AOTLoss` holds here.
struct AOTUnpairedLoss: PairLoss {
  static let summary = "AOT of unpaired answers, sorted likewise"
  static let papers: [Paper] = [.dpo, .aot]
  static let parameters: Set<LossParameter> = [.beta, .labelSmoothing]

  let (β, ε): (Double, Double)

  init(_ parameters: LossParameters) { (β, ε) = (parameters.beta, parameters.labelSmoothing) }

  /// For each side, the score that the other side meets less the own one.
  static let shifts: (@Sendable ([Pair]) -> [Pair.Sides])? = { batch in
    let (chosen, rejected) = (batch.map(\.scores.chosen), batch.map(\.scores.rejected))
    let met = zip(matched(chosen, to: rejected), matched(rejected, to: chosen))
    return zip(batch, met).map { Pair.Sides(chosen: $1.0 - $0.scores.chosen, rejected: $1.1 - $0.scores.rejected) }
  }

  /// The loss is that of the chosen answer and whom it meets; the rejected answer's slope is that of another chosen one's loss.
  func callAsFunction(_ pair: Pair) -> PairLossValue {
    let (loss, chosen) = logisticLoss(β * (pair.scores.margin - pair.shifts.rejected), smoothing: ε)
    let (_, rejected) = logisticLoss(β * (pair.scores.margin + pair.shifts.chosen), smoothing: ε)
    return PairLossValue(loss, slopes: β * chosen, -β * rejected)
  }

  var firstValue: String? { "ln 2 = 0.693147" }
}
