/// The scored places of a pair: which belong to the answers, what they sum to, and how much each counts.
struct AnswerPlaces {
  /// The places' log-probabilities, the chosen answer's first.
  private let values: [[Float]]
  /// Where prompts are scored too: whether a place is an answer's.
  private let isAnswer: [[Bool]]?
  /// How many places of each side are an answer's.
  let lengths: Pair.Sides
  /// Their sums.
  let sums: Pair.Sides
  /// The sums of as many places as the shorter answer has.
  let sharedSums: Pair.Sides
  /// The sum over all places of the chosen side.
  let chosenTotal: Double

  init(_ example: ScoredExample, _ values: [[Float]]) {
    self.values = values
    isAnswer = example[.isAnswer]?.map { $0.map { $0 > 0 } }
    let answers = isAnswer.map { zip(values, $0).map { side in zip(side.0, side.1).filter(\.1).map(\.0) } } ?? values
    let shared = answers.map(\.count).min() ?? 0
    func sum(_ values: some Sequence<Float>) -> Double { values.reduce(0.0) { $0 + Double($1) } }
    lengths = Pair.Sides(chosen: Double(answers[0].count), rejected: Double(answers[1].count))
    sums = Pair.Sides(chosen: sum(answers[0]), rejected: sum(answers[1]))
    sharedSums = Pair.Sides(chosen: sum(answers[0].prefix(shared)), rejected: sum(answers[1].prefix(shared)))
    chosenTotal = sum(values[0])
  }

  /// The slopes of a loss: with respect to what is compared with the reference, to the policy's sums, and to the chosen side's total.
  struct Slopes {
    var compared = Pair.Sides(chosen: 0, rejected: 0)
    var alone = Pair.Sides(chosen: 0, rejected: 0)
    var likelihood = 0.0

    mutating func scale(by factor: Double) {
      for side in [\Slopes.compared, \.alone] {
        self[keyPath: side].chosen *= factor
        self[keyPath: side].rejected *= factor
      }
    }
  }

  /// The slope of each place.
  /// - Parameter ldAlpha: how much places beyond the shorter answer's length count in what is compared.
  func spread(_ slopes: Slopes, ldAlpha: Double?) -> [[Double]] {
    let (compared, alone) = (slopes.compared, slopes.alone)
    return [
      spread(0, compared.chosen, alone.chosen, slopes.likelihood, beyond: ldAlpha ?? 1),
      spread(1, compared.rejected, alone.rejected, 0, beyond: ldAlpha ?? 1),
    ]
  }

  private func spread(
    _ side: Int, _ compared: Double, _ alone: Double, _ likelihood: Double, beyond: Double
  ) -> [Double] {
    let shared = Int(min(lengths.chosen, lengths.rejected))
    var rank = 0
    return values[side].indices.map { place in
      guard isAnswer?[side][place] ?? true else { return likelihood }
      defer { rank += 1 }
      return compared * (rank < shared ? 1 : beyond) + alone + likelihood
    }
  }
}
