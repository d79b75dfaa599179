import CKernels
import Datasets
import Foundation

/// Chooses a sequence's next tokens by the model's logits.
///
/// The order of the steps is that of transformers: repetition penalty, temperature, top-k, top-p, min-p. OpenAI's penalties
/// come behind the first, as vLLM has them.
package struct Sampler: Sendable {
  private let parameters: SamplingParameters
  private var generator: SplitMix64
  /// The tokens that occurred, where they matter.
  private var seen: Set<Int32> = []
  /// How often tokens were chosen, where it matters.
  private var counts: [Int32: Int] = [:]

  package init(_ parameters: SamplingParameters) {
    self.parameters = parameters
    generator = SplitMix64(seed: parameters.seed ?? UInt64.random(in: 0...UInt64.max))
  }

  /// Takes note of tokens that occurred.
  package mutating func note(_ tokens: some Sequence<Int32>) {
    if parameters.repetitionPenalty != 1 { seen.formUnion(tokens) }
  }

  /// The next token; `logits` are overwritten. Takes note of it.
  package mutating func next(_ logits: UnsafeMutableBufferPointer<Float>) -> Int32 {
    penalize(logits)
    let token = parameters.temperature == 0 ? Self.mostProbable(logits) : draw(logits)
    note(CollectionOfOne(token))
    if parameters.frequencyPenalty != 0 || parameters.presencePenalty != 0 { counts[token, default: 0] += 1 }
    return token
  }

  private func penalize(_ logits: UnsafeMutableBufferPointer<Float>) {
    let penalty = Float(parameters.repetitionPenalty)
    for token in seen where logits.indices.contains(Int(token)) {
      let logit = logits[Int(token)]
      logits[Int(token)] = logit < 0 ? logit * penalty : logit / penalty
    }
    for (token, count) in counts where logits.indices.contains(Int(token)) {
      logits[Int(token)] -= Float(parameters.presencePenalty + parameters.frequencyPenalty * Double(count))
    }
  }

  /// The first of the largest.
  static func mostProbable(_ logits: UnsafeMutableBufferPointer<Float>) -> Int32 {
    logits.baseAddress.map { Int32(ck_largest($0, Int64(logits.count))) } ?? 0
  }

  private mutating func draw(_ logits: UnsafeMutableBufferPointer<Float>) -> Int32 {
    let candidates = Candidates(logits, parameters)
    var threshold = Double.random(in: 0..<1, using: &generator) * candidates.total
    for candidate in candidates.kept {
      threshold -= candidate.weight
      if threshold < 0 { return candidate.token }
    }
    // Rounding, or logits that are no numbers.
    return candidates.kept.last?.token ?? Self.mostProbable(logits)
  }

  /// The distribution that the next token would be drawn from, V probabilities.
  package func distribution(_ logits: [Float]) -> [Double] {
    var logits = logits
    return logits.withUnsafeMutableBufferPointer { logits in
      penalize(logits)
      var probabilities = [Double](repeating: 0, count: logits.count)
      guard parameters.temperature > 0 else {
        probabilities[Int(Self.mostProbable(logits))] = 1
        return probabilities
      }
      let candidates = Candidates(logits, parameters)
      for candidate in candidates.kept { probabilities[Int(candidate.token)] = candidate.weight / candidates.total }
      return probabilities
    }
  }
}
