/// What TRL reports of the answers that a policy learns from, by its names.
struct PolicyFigures {
  private let surrogate: PolicySurrogate
  private let importance: ImportanceRatio
  private var sums: [(name: String, value: Double, weight: Double)] = []
  private var least: [(name: String, value: Double)] = []
  private var greatest: [(name: String, value: Double)] = []

  init(_ surrogate: PolicySurrogate, _ importance: ImportanceRatio) {
    (self.surrogate, self.importance) = (surrogate, importance)
  }

  /// Takes note of an answer by ρ and the divergence of each of its T tokens. Where ρ is the answer's, it is counted once,
  /// and also where the answer has no token.
  mutating func add(_ answer: PolicyAnswer, ratios: [Double], divergences: [Double]) {
    if !divergences.isEmpty { add("kl", divergences) }
    if let entropies = answer.entropies { add("entropy", entropies) }
    guard importance != .token || !ratios.isEmpty else { return }
    let counted =
      importance == .token ? Array(zip(ratios, answer.advantages)) : [(ratios.first ?? 1, answer.advantages.first ?? 0)]
    let isClipped = counted.map { surrogate.isClipped(ratio: $0, advantage: $1) }
    let (low, high) = (isClipped.map { $0.low ? 1.0 : 0 }, isClipped.map { $0.high ? 1.0 : 0 })
    switch surrogate {
    case .clipped:
      add("clip_ratio/low_mean", low)
      add("clip_ratio/high_mean", high)
      add("clip_ratio/region_mean", zip(low, high).map { $0 + $1 })
      least.append(("clip_ratio/low_min", low.reduce(0, +) / Double(low.count)))
      greatest.append(("clip_ratio/high_max", high.reduce(0, +) / Double(high.count)))
    case .cispo: add("cispo_clip_ratio", high)
    case .sapo: break
    }
  }

  private mutating func add(_ name: String, _ values: [Double]) {
    sums.append((name, values.reduce(0, +), Double(values.count)))
  }

  /// A loss with these figures.
  func added(to loss: ExampleLoss) -> ExampleLoss {
    var loss = loss
    (loss.sums, loss.least, loss.greatest) = (sums, least, greatest)
    return loss
  }
}
