/// AOT of pairs (Melnyk et al. 2024, arXiv 2406.05882): −log σ(z) with conservative DPO's label smoothing, where z is β times the
/// policy's margin c − r less the reference's, not of the same pair but of the same rank: both are sorted over the batch, and
/// the smallest meets the smallest.
///
/// The batch is the optimizer's. TRL sorts within a micro-batch of a device, so that its result hangs on how a batch is cut; with a
/// batch that is one micro-batch both are the same.
struct AOTLoss: PairLoss {
  static let summary = "AOT: margins sorted over the batch (TRL: the micro-batch)"
  static let papers: [Paper] = [.dpo, .aot]
  static let parameters: Set<LossParameter> = [.beta, .labelSmoothing]

  let (β, ε): (Double, Double)

  init(_ parameters: LossParameters) { (β, ε) = (parameters.beta, parameters.labelSmoothing) }

  /// For `chosen`, the own reference's margin less that which is met instead.
  static let shifts: (@Sendable ([Pair]) -> [Pair.Sides])? = { batch in
    let own = batch.map(\.reference.margin)
    return zip(own, matched(own, to: batch.map(\.policy.margin))).map { Pair.Sides(chosen: $0 - $1, rejected: 0) }
  }

  func callAsFunction(_ pair: Pair) -> PairLossValue {
    let (loss, slope) = logisticLoss(β * (pair.scores.margin + pair.shifts.chosen), smoothing: ε)
    return PairLossValue(loss, slopes: β * slope, -β * slope)
  }

  var firstValue: String? { "ln 2 = 0.693147" }
}

/// For each key, the number that has the key's rank among the numbers.
func matched(_ numbers: [Double], to keys: [Double]) -> [Double] {
  var result = numbers
  let sorted = numbers.sorted()
  for (rank, place) in keys.indices.sorted(by: { (keys[$0], $0) < (keys[$1], $1) }).enumerated() {
    result[place] = sorted[rank]
  }
  return result
}

extension Paper {
  static let aot = Paper(
    "melnyk2024distributional", "Distributional Preference Alignment of {LLMs} via Optimal Transport",
    """
    Melnyk, Igor and Mroueh, Youssef and Belgodere, Brian and Rigotti, Mattia and Nitsure, Apoorva and
        Yurochkin, Mikhail and Greenewald, Kristjan and Navratil, Jiri and Ross, Jerret
    """, year: 2024, arXiv: "2406.05882")
}
