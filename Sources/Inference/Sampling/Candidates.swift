import Foundation

/// The tokens that remain after top-k, top-p and min-p, in the order of their ids, with their unnormalized probabilities.
struct Candidates {
  private(set) var kept: [(token: Int32, weight: Double)]
  /// The sum of the weights.
  private(set) var total: Double

  /// The candidates among logits that the temperature, which is greater than 0, has not yet divided.
  init(_ logits: UnsafeMutableBufferPointer<Float>, _ parameters: SamplingParameters) {
    let maximum = logits.max() ?? 0
    let scale = 1 / parameters.temperature
    // As in transformers, tokens as probable as the last of the k remain too.
    let least = parameters.topK.flatMap { Self.largest($0, of: logits) } ?? -Float.infinity
    kept = []
    total = 0
    for (token, logit) in logits.enumerated() where logit >= least {
      let weight = exp(Double(logit - maximum) * scale)
      guard weight > 0 else { continue }
      kept.append((Int32(token), weight))
      total += weight
    }
    if parameters.topP < 1 { keepMostProbable(share: parameters.topP) }
    if parameters.minP > 0 { keep { $0 >= parameters.minP } }
  }

  /// Keeps the fewest tokens that reach a share of the probability; the most probable one always.
  private mutating func keepMostProbable(share: Double) {
    // Tokens below this can be at most the share that is left out, all together, so only the others need sorting.
    let negligible = (1 - share) * total / Double(max(1, kept.count))
    let sorted = kept.filter { $0.weight >= negligible }.map(\.weight).sorted(by: >)
    var (sum, least) = (0.0, Double.infinity)
    for weight in sorted {
      guard sum < share * total else { break }
      sum += weight
      least = weight
    }
    keep { $0 >= least }
  }

  private mutating func keep(_ condition: (Double) -> Bool) {
    kept.removeAll { !condition($0.weight) }
    total = kept.reduce(0) { $0 + $1.weight }
  }

  /// The k-th largest of some numbers (Hoare's selection); nil where there are no more than k.
  private static func largest(_ k: Int, of numbers: UnsafeMutableBufferPointer<Float>) -> Float? {
    guard k < numbers.count else { return nil }
    var rest = Array(numbers)
    var rank = k
    while true {
      let pivot = rest[rest.count / 2]
      let above = rest.filter { $0 > pivot }
      if rank <= above.count { rest = above; continue }
      let equal = rest.count { $0 == pivot }
      if rank <= above.count + equal { return pivot }
      let below = rest.filter { $0 < pivot }
      // Only where some are no numbers.
      guard !below.isEmpty else { return nil }
      rank -= above.count + equal
      rest = below
    }
  }
}
