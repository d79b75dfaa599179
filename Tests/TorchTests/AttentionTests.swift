import Foundation
import Testing
import Torch

@Suite("Attention of a packed batch", .enabled(if: BlockedProduct.isSupported))
struct AttentionTests {
  /// Segments as (prefix, continuations): lengths around the kernels' blocks of 8, 64 and 256, and none at all.
  static let lengths: [[(Int, [Int])]] = [
    [(0, [1])], [(0, [300])], [(31, [300, 77])], [(64, [64, 64]), (0, [8]), (5, [0, 9])], [(300, [1, 2, 65])],
  ]

  @Test(
    "our kernels agree with libtorch's: outputs, log-sum-exps and gradients",
    arguments: lengths, [(2, 2, 64), (4, 2, 16), (6, 2, 80), (1, 1, 8)])
  func agrees(lengths: [(Int, [Int])], heads: (Int, Int, Int)) throws {
    let (H, K, S) = heads
    let (segments, N) = Self.segments(lengths)
    let qkv = try numbers(N, (H + 2 * K) * S, seed: 1)
    let dOutput = try numbers(N, H * S, seed: 2)
    let attention = PackedAttention(heads: H, keyHeads: K, headSize: S)

    let (ours, theirs) = (try Tensor(uninitialized: [N, H * S]), try Tensor(uninitialized: [N, H * S]))
    let (ourLSE, theirLSE) = (try Tensor(uninitialized: [N, H]), try Tensor(uninitialized: [N, H]))
    try attention.blocked.forward(qkv, segments: segments, output: ours, logSumExp: ourLSE)
    try attention.flash.forward(qkv, segments: segments, output: theirs, logSumExp: theirLSE)
    #expect(distance(ours, theirs) < 1e-5)
    #expect(distance(ourLSE, theirLSE) < 1e-5)

    let (dOurs, dTheirs) = (try Tensor(zeros: qkv.shape), try Tensor(zeros: qkv.shape))
    try attention.blocked.backward(
      dOutput, qkv: qkv, output: theirs, logSumExp: theirLSE, segments: segments, into: dOurs)
    try attention.flash.backward(
      dOutput, qkv: qkv, output: theirs, logSumExp: theirLSE, segments: segments, into: dTheirs)
    #expect(distance(dOurs, dTheirs) < 1e-5)
  }

  @Test("scores too large for exp, and equal ones, stay exact")
  func extremes() throws {
    let (segments, N) = Self.segments([(20, [70, 9])])
    let attention = PackedAttention(heads: 1, keyHeads: 1, headSize: 8)
    for size: Float in [0, 60] {
      let qkv = try Tensor((0..<N * 24).map { size * Float(($0 / 8 * 7919) % 5 - 2) }, shape: [N, 24])
      let (output, _) = try attention.forward(qkv, segments: segments)
      let expected = try Tensor(uninitialized: [N, 8])
      try attention.flash.forward(
        qkv, segments: segments, output: expected, logSumExp: try Tensor(uninitialized: [N, 1]))
      #expect(distance(output, expected) <= 1e-5 * max(1, size))
    }
  }

  private static func segments(_ lengths: [(Int, [Int])]) -> (segments: [[AttentionPart]], rows: Int) {
    var row = 0
    func take(_ count: Int) -> Range<Int> {
      defer { row += count }
      return row..<row + count
    }
    let segments = lengths.map { prefix, continuations in
      let prefix = take(prefix)
      let none = prefix.lowerBound..<prefix.lowerBound
      return
        ([AttentionPart(prefix: none, own: prefix)]
        + continuations.map { AttentionPart(prefix: prefix, own: take($0)) }).filter { !$0.own.isEmpty }
    }
    return (segments, row)
  }

  private func distance(_ x: Tensor, _ y: Tensor) -> Float {
    zip(x.array, y.array).reduce(0) { $1.0 == $1.1 ? $0 : max($0, ($1.0 - $1.1).magnitude) }
  }
}

/// Attention with scores of each kind against the same in double precision, by whatever kernels this processor has.
@Suite("Windows, caps and scales of attention")
struct AttentionScoresTests {
  /// A prefix and two that continue it, longer than the kernels' blocks.
  static let parts = [(0..<0, 0..<140), (0..<140, 140..<190), (0..<140, 190..<321)].map {
    AttentionPart(prefix: $0, own: $1)
  }

  @Test(arguments: [
    AttentionScores(window: 1), AttentionScores(window: 7), AttentionScores(window: 33), AttentionScores(window: 128),
    AttentionScores(window: 200), AttentionScores(window: 1000), AttentionScores(cap: 2), AttentionScores(scale: 0.7),
    AttentionScores(scale: 0.5, window: 50, cap: 1.5),
  ])
  func areThoseOfDoublePrecision(scores: AttentionScores) throws {
    let (H, K, S, N) = (4, 2, 16, 321)
    let qkv = try numbers(N, (H + 2 * K) * S, seed: 3), dOutput = try numbers(N, H * S, seed: 4)
    let expected = reference(qkv.array, dOutput.array, H, K, S, scores)
    for kernels in Kernels.available {
      try Kernels.$current.withValue(kernels) {
        let attention = PackedAttention(heads: H, keyHeads: K, headSize: S, scores: scores)
        let (output, logSumExp) = try attention.forward(qkv, segments: [Self.parts])
        expectClose(output.array, expected.output, "\(scores) output")
        expectClose(logSumExp.array, expected.logSumExp, "\(scores) log-sum-exps")
        let dqkv = try attention.backward(
          dOutput, qkv: qkv, output: output, logSumExp: logSumExp, segments: [Self.parts])
        expectClose(dqkv.array, expected.gradient, "\(scores) gradients")
      }
    }
  }

  private func reference(
    _ qkv: [Float], _ dOutput: [Float], _ H: Int, _ K: Int, _ S: Int, _ scores: AttentionScores
  ) -> (output: [Double], logSumExp: [Double], gradient: [Double]) {
    let width = (H + 2 * K) * S, factor = Double(scores.scale ?? 1 / Float(S).squareRoot())
    var output = [Double](repeating: 0, count: dOutput.count), gradient = [Double](repeating: 0, count: qkv.count)
    var logSumExp = [Double](repeating: 0, count: dOutput.count / S)
    func dot(_ a: Int, _ b: Int) -> Double { (0..<S).reduce(0) { $0 + Double(qkv[a + $1]) * Double(qkv[b + $1]) } }
    for part in Self.parts {
      for (place, row) in part.own.enumerated() {
        for head in 0..<H {
          let keys = Array(part.prefix) + Array(part.own.prefix(place + 1))
          let seen = keys.suffix(scores.window ?? .max)
          let (q, out) = (row * width + head * S, row * H * S + head * S)
          func key(_ row: Int) -> Int { row * width + (H + head / (H / K)) * S }
          let products = seen.map { dot(q, key($0)) * factor }
          let capped = scores.cap.map { cap in products.map { Double(cap) * tanh($0 / Double(cap)) } } ?? products
          let most = capped.max() ?? 0
          let total = capped.reduce(0) { $0 + exp($1 - most) }
          logSumExp[row * H + head] = most + log(total)
          for (score, row) in zip(capped, seen) {
            for s in 0..<S { output[out + s] += exp(score - most) / total * Double(qkv[key(row) + K * S + s]) }
          }
          let drop = (0..<S).reduce(0.0) { $0 + output[out + $1] * Double(dOutput[out + $1]) }
          for (score, row) in zip(capped, seen) {
            let (p, k) = (exp(score - most) / total, key(row))
            let dp = (0..<S).reduce(0.0) { $0 + Double(qkv[k + K * S + $1]) * Double(dOutput[out + $1]) }
            let slope = scores.cap.map { 1 - pow(score / Double($0), 2) } ?? 1
            let ds = p * (dp - drop) * factor * slope
            for s in 0..<S {
              gradient[q + s] += ds * Double(qkv[k + s])
              gradient[k + s] += ds * Double(qkv[q + s])
              gradient[k + K * S + s] += p * Double(dOutput[out + s])
            }
          }
        }
      }
    }
    return (output, logSumExp, gradient)
  }

  private func expectClose(_ actual: [Float], _ expected: [Double], _ what: String) {
    let (difference, size) = zip(actual, expected).reduce((0.0, 0.0)) {
      ($0.0 + pow(Double($1.0) - $1.1, 2), $0.1 + $1.1 * $1.1)
    }
    #expect((difference / size).squareRoot() < 1e-6, "\(what): \((difference / size).squareRoot())")
  }
}

private func numbers(_ rows: Int, _ columns: Int, seed: UInt64) throws -> Tensor {
  var state = seed
  return try Tensor(
    (0..<rows * columns).map { _ in
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Float(Int32(truncatingIfNeeded: state >> 33) % 1000) / 1000
    }, shape: [rows, columns])
}
