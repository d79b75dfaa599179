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

  private func numbers(_ rows: Int, _ columns: Int, seed: UInt64) throws -> Tensor {
    var state = seed
    return try Tensor(
      (0..<rows * columns).map { _ in
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return Float(Int32(truncatingIfNeeded: state >> 33) % 1000) / 1000
      }, shape: [rows, columns])
  }
}
