import CKernels
import Foundation
import ModelFiles
import Torch

/// The angles by which a batch's queries and keys turn (RoFormer, arXiv 2104.09864; half-split layout).
package struct RotaryAngles {
  /// Cosines and sines, R×s/2 for the s first numbers of each head that turn.
  let cosine: Tensor
  let sine: Tensor
  /// For each of the N tokens, its row in them.
  let rows: [Int32]

  /// Turns the first `heads` heads of each row of `x` in place; `direction` is 1 forward and -1 for gradients.
  package func rotate(_ x: Tensor, heads: Int, headSize: Int, direction: Float) throws {
    try parallel(x.shape[0], grain: 32) { range in
      ck_rotary(
        x.floats, cosine.floats, sine.floats, rows, Int64(x.shape[1]), Int64(heads), Int64(headSize),
        2 * Int64(cosine.shape[1]), direction, Int64(range.lowerBound), Int64(range.upperBound))
    }
  }
}

/// The rotary position embeddings of a model's layers. Most models have one for all of them.
package struct LayerRotaries {
  private let embeddings: [RotaryEmbedding]
  /// For each layer, which is its; nil where it knows no positions.
  private let indices: [Int?]

  package init(_ config: LlamaConfig) {
    var ropes: [Rope] = []
    indices = config.attention.map { layer in
      layer.rope.map { rope in
        if let index = ropes.firstIndex(of: rope) { return index }
        ropes.append(rope)
        return ropes.count - 1
      }
    }
    embeddings = ropes.map { RotaryEmbedding($0, maxPositions: config.maxPositions) }
  }

  /// Each layer's angles of a batch's tokens.
  func angles(_ batch: PackedBatch) throws -> [RotaryAngles?] { try perLayer { try $0.angles(batch) } }

  /// Each layer's angles of tokens at some positions, each of a sequence that is read to a length.
  package func angles(positions: [Int32], lengths: [Int]) throws -> [RotaryAngles?] {
    try perLayer { try $0.angles(positions: positions, lengths: lengths) }
  }

  /// The length that the frequencies of sequences which share a prefix depend on; nil where they depend on none.
  func length(of sequences: [TokenSequence]) -> Int? { embeddings.lazy.compactMap { $0.length(of: sequences) }.first }

  private func perLayer(_ angles: (RotaryEmbedding) throws -> RotaryAngles) rethrows -> [RotaryAngles?] {
    let found = try embeddings.map(angles)
    return indices.map { $0.map { found[$0] } }
  }
}

/// Rotary position embedding with the scalings that lengthen a context, computed in float32 as transformers does.
final class RotaryEmbedding {
  private let rope: Rope
  private let maxPositions: Int
  private let frequencies: [Float]
  private var table: (cosine: Tensor, sine: Tensor, length: Int)?

  init(_ rope: Rope, maxPositions: Int) {
    (self.rope, self.maxPositions) = (rope, maxPositions)
    frequencies = Self.frequencies(rope)
  }

  /// The angles of a batch's tokens.
  func angles(_ batch: PackedBatch) throws -> RotaryAngles {
    if let limit = rope.scaling.changesBeyond, batch.segments.contains(where: { $0.longest > limit }) {
      return try changedAngles(batch)
    }
    let length = Int(batch.positions.max() ?? 0) + 1
    let (cosine, sine) = try table(length: length)
    return RotaryAngles(cosine: cosine, sine: sine, rows: batch.positions)
  }

  /// The angles of tokens at some positions, each of a sequence that is read to a length. Only dynamic scaling and LongRoPE ask
  /// for the length, since by it a token's frequencies change.
  func angles(positions: [Int32], lengths: [Int]) throws -> RotaryAngles {
    if let limit = rope.scaling.changesBeyond, lengths.contains(where: { $0 > limit }) {
      var known: [Int: [Float]] = [:]
      let tokens = zip(positions, lengths).map { position, length in
        let frequencies = known[length] ?? Self.frequencies(rope, length: length)
        known[length] = frequencies
        return (position, frequencies)
      }
      let (cosine, sine) = try turns(tokens)
      return RotaryAngles(cosine: cosine, sine: sine, rows: positions.indices.map(Int32.init))
    }
    let (cosine, sine) = try table(length: Int(positions.max() ?? 0) + 1)
    return RotaryAngles(cosine: cosine, sine: sine, rows: positions)
  }

  /// The length that the frequencies of sequences which share a prefix depend on; nil where they depend on none.
  func length(of sequences: [TokenSequence]) -> Int? {
    guard let limit = rope.scaling.changesBeyond, let longest = sequences.map(\.tokens.count).max(), longest > limit
    else { return nil }
    return longest
  }

  private func table(length: Int) throws -> (Tensor, Tensor) {
    if let table, table.length >= length { return (table.cosine, table.sine) }
    // Grown by doubling, so that generation does not compute it anew at every token.
    let rows = max(length, min(2 * (table?.length ?? 128), maxPositions))
    let (cosine, sine) = try turns((0..<rows).map { (Int32($0), frequencies) })
    table = (cosine, sine, rows)
    return (cosine, sine)
  }

  /// Dynamic scaling and LongRoPE turn the tokens of a long sequence by frequencies that depend on its length. Sequences that
  /// share a prefix share the prefix's keys, so the longest of them decides.
  private func changedAngles(_ batch: PackedBatch) throws -> RotaryAngles {
    let tokens = batch.segments.flatMap { segment in
      let frequencies = Self.frequencies(rope, length: segment.longest)
      return ([segment.prefix] + segment.continuations).joined().map { (batch.positions[$0], frequencies) }
    }
    let (cosine, sine) = try turns(tokens)
    return RotaryAngles(cosine: cosine, sine: sine, rows: (0..<Int32(tokens.count)).map { $0 })
  }

  private func turns(_ tokens: [(position: Int32, frequencies: [Float])]) throws -> (Tensor, Tensor) {
    let (half, factor) = (rope.size / 2, Float(rope.scaling.attentionFactor))
    let cosine = try Tensor(uninitialized: [tokens.count, half])
    let sine = try Tensor(uninitialized: [tokens.count, half])
    for (row, token) in tokens.enumerated() {
      for (i, frequency) in token.frequencies.enumerated() {
        let angle = Float(token.position) * frequency
        cosine.floats[row * half + i] = cos(angle) * factor
        sine.floats[row * half + i] = sin(angle) * factor
      }
    }
    return (cosine, sine)
  }

  /// The s/2 frequencies θ^(−2i/s), scaled for a sequence of `length` tokens.
  static func frequencies(_ rope: Rope, length: Int = 0) -> [Float] {
    let s = rope.size
    func powers(_ theta: Float) -> [Float] { (0..<s / 2).map { pow(theta, Float(2 * $0) / Float(s)) } }
    func plain(_ theta: Float) -> [Float] { powers(theta).map { 1 / $0 } }
    let theta = Float(rope.theta)
    switch rope.scaling {
    case .none:
      return plain(theta)
    case .linear(let factor):
      return plain(theta).map { $0 / Float(factor) }
    case .dynamic(let factor, let limit):
      guard length > limit else { return plain(theta) }
      let stretch = factor * Double(length) / Double(limit) - (factor - 1)
      return plain(Float(rope.theta * pow(stretch, Double(s) / Double(s - 2))))
    case .llama3(let factor, let low, let high, let original):
      return plain(theta).map { llama3($0, Float(factor), Float(low), Float(high), Float(original)) }
    case .yarn(let yarn):
      let (low, high) = yarn.blended(rope)
      return powers(theta).enumerated().map { i, power in
        let ramp = Float(min(1, max(0, (Float(i) - low) / (high - low))))
        let kept = 1 - ramp
        return 1 / (Float(yarn.factor) * power) * (1 - kept) + 1 / power * kept
      }
    case .longrope(let own):
      return zip(powers(theta), length > own.originalMaxPositions ? own.long : own.short).map { 1 / (Float($1) * $0) }
    }
  }

  /// Llama 3.1's scaling: slow frequencies are divided by the factor, fast ones kept, those between blended.
  private static func llama3(
    _ frequency: Float, _ factor: Float, _ low: Float, _ high: Float, _ original: Float
  ) -> Float {
    let wavelength = 2 * Float.pi / frequency
    if wavelength > original / low { return frequency / factor }
    if wavelength < original / high { return frequency }
    let smooth = (original / wavelength - low) / (high - low)
    return (1 - smooth) * frequency / factor + smooth * frequency
  }
}

extension RopeScaling.Yarn {
  /// The frequencies, counted from the fastest, between which they are blended.
  fileprivate func blended(_ rope: Rope) -> (low: Float, high: Float) {
    /// The frequency that turns so many times in the positions of the first training.
    func place(turns: Double) -> Double {
      Double(rope.size) * log(Double(originalMaxPositions) / (turns * 2 * .pi)) / (2 * log(rope.theta))
    }
    let (fast, slow) = (place(turns: betaFast), place(turns: betaSlow))
    let low = max(truncates ? fast.rounded(.down) : fast, 0)
    let high = min(truncates ? slow.rounded(.up) : slow, Double(rope.size - 1))
    return (Float(low), Float(low == high ? high + 0.001 : high))
  }
}
