import CKernels
import Foundation
import ModelFiles
import Torch

/// The angles by which a batch's queries and keys turn (RoFormer, arXiv 2104.09864; half-split layout).
package struct RotaryAngles {
  /// Cosines and sines, R×S/2.
  let cosine: Tensor
  let sine: Tensor
  /// For each of the N tokens, its row in them.
  let rows: [Int32]

  /// Turns the first `heads` heads of each row of `x` in place; `direction` is 1 forward and -1 for gradients.
  package func rotate(_ x: Tensor, heads: Int, headSize: Int, direction: Float) throws {
    try parallel(x.shape[0], grain: 32) { range in
      ck_rotary(
        x.floats, cosine.floats, sine.floats, rows, Int64(x.shape[1]), Int64(heads), Int64(headSize), direction,
        Int64(range.lowerBound), Int64(range.upperBound))
    }
  }
}

/// Rotary position embedding with the scalings that lengthen a context, computed in float32 as transformers does.
package final class RotaryEmbedding {
  private let config: LlamaConfig
  private let frequencies: [Float]
  private var table: (cosine: Tensor, sine: Tensor, length: Int)?

  package init(_ config: LlamaConfig) {
    self.config = config
    frequencies = Self.frequencies(config)
  }

  /// The angles of a batch's tokens.
  func angles(_ batch: PackedBatch) throws -> RotaryAngles {
    if case .dynamic(_, let limit) = config.ropeScaling, batch.segments.contains(where: { $0.longest > limit }) {
      return try dynamicAngles(batch)
    }
    let length = Int(batch.positions.max() ?? 0) + 1
    let (cosine, sine) = try table(length: length)
    return RotaryAngles(cosine: cosine, sine: sine, rows: batch.positions)
  }

  /// The angles of tokens at some positions, each of a sequence that is read to a length. Only dynamic scaling asks for
  /// the length, since by it a token's frequencies change.
  package func angles(positions: [Int32], lengths: [Int]) throws -> RotaryAngles {
    if case .dynamic(_, let limit) = config.ropeScaling, lengths.contains(where: { $0 > limit }) {
      var known: [Int: [Float]] = [:]
      let tokens = zip(positions, lengths).map { position, length in
        let frequencies = known[length] ?? Self.frequencies(config, length: length)
        known[length] = frequencies
        return (position, frequencies)
      }
      let (cosine, sine) = try Self.turns(tokens)
      return RotaryAngles(cosine: cosine, sine: sine, rows: positions.indices.map(Int32.init))
    }
    let (cosine, sine) = try table(length: Int(positions.max() ?? 0) + 1)
    return RotaryAngles(cosine: cosine, sine: sine, rows: positions)
  }

  /// The length that the frequencies of sequences which share a prefix depend on; nil where they depend on none.
  func length(of sequences: [TokenSequence]) -> Int? {
    guard case .dynamic(_, let limit) = config.ropeScaling, let longest = sequences.map(\.tokens.count).max(),
      longest > limit
    else { return nil }
    return longest
  }

  private func table(length: Int) throws -> (Tensor, Tensor) {
    if let table, table.length >= length { return (table.cosine, table.sine) }
    // Grown by doubling, so that generation does not compute it anew at every token.
    let rows = max(length, min(2 * (table?.length ?? 128), config.maxPositions))
    let (cosine, sine) = try Self.turns((0..<rows).map { (Int32($0), frequencies) })
    table = (cosine, sine, rows)
    return (cosine, sine)
  }

  /// Dynamic scaling turns the tokens of a long sequence by frequencies that depend on its length. Sequences that share
  /// a prefix share the prefix's keys, so the longest of them decides.
  private func dynamicAngles(_ batch: PackedBatch) throws -> RotaryAngles {
    let tokens = batch.segments.flatMap { segment in
      let frequencies = Self.frequencies(config, length: segment.longest)
      return ([segment.prefix] + segment.continuations).joined().map { (batch.positions[$0], frequencies) }
    }
    let (cosine, sine) = try Self.turns(tokens)
    return RotaryAngles(cosine: cosine, sine: sine, rows: (0..<Int32(tokens.count)).map { $0 })
  }

  private static func turns(_ tokens: [(position: Int32, frequencies: [Float])]) throws -> (Tensor, Tensor) {
    let half = tokens.first?.frequencies.count ?? 0
    let cosine = try Tensor(uninitialized: [tokens.count, half])
    let sine = try Tensor(uninitialized: [tokens.count, half])
    for (row, token) in tokens.enumerated() {
      for (i, frequency) in token.frequencies.enumerated() {
        let angle = Float(token.position) * frequency
        cosine.floats[row * half + i] = cos(angle)
        sine.floats[row * half + i] = sin(angle)
      }
    }
    return (cosine, sine)
  }

  /// The S/2 frequencies θ^(−2i/S), scaled for a sequence of `length` tokens.
  static func frequencies(_ config: LlamaConfig, length: Int = 0) -> [Float] {
    let S = config.headSize
    func plain(_ theta: Float) -> [Float] {
      (0..<S / 2).map { 1 / pow(theta, Float(2 * $0) / Float(S)) }
    }
    let theta = Float(config.ropeTheta)
    switch config.ropeScaling {
    case .none:
      return plain(theta)
    case .linear(let factor):
      return plain(theta).map { $0 / Float(factor) }
    case .dynamic(let factor, let limit):
      guard length > limit else { return plain(theta) }
      let stretch = factor * Double(length) / Double(limit) - (factor - 1)
      return plain(Float(config.ropeTheta * pow(stretch, Double(S) / Double(S - 2))))
    case .llama3(let factor, let low, let high, let original):
      return plain(theta).map { llama3($0, Float(factor), Float(low), Float(high), Float(original)) }
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
