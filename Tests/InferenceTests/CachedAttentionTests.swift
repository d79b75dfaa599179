import CKernels
import Foundation
import Testing

/// Attention to caches: many queries at once, as each by itself, and as double precision has it.
@Suite struct CachedAttentionTests {
  private typealias Kernel =
    @convention(c) (
      UnsafePointer<Float>?, Int64, UnsafePointer<UnsafeMutableRawPointer?>?, UnsafePointer<UnsafeMutableRawPointer?>?,
      UnsafePointer<Int32>?, UnsafePointer<Int32>?, Int32, UnsafeMutablePointer<Float>?, Int64, Int64, Int64, Int64,
      Float,
      Int64, Float, Int64, Int64
    ) -> Void

  /// Sequences as (tokens in the cache, new tokens), which are pieces of one pass.
  struct Case: Sendable, CustomTestStringConvertible {
    var pieces: [(known: Int, new: Int)]
    var heads: Int
    var keyHeads: Int
    var size: Int
    var window = 0
    var cap: Float = 0
    var isNarrow = false
    var seed: UInt64 = 1

    var testDescription: String {
      "\(pieces) \(heads)/\(keyHeads) heads of \(size)\(window > 0 ? ", window \(window)" : "")"
        + (cap > 0 ? ", cap \(cap)" : "") + (isNarrow ? ", bfloat16" : "")
    }

    /// Lengths around the blocks of 128 keys and tiles of up to 24 queries, several sequences, each kind of head.
    static let all: [Case] = [
      Case(pieces: [(0, 1)], heads: 1, keyHeads: 1, size: 8),
      Case(pieces: [(0, 40)], heads: 9, keyHeads: 3, size: 64),
      Case(pieces: [(120, 20), (3, 1), (0, 5)], heads: 9, keyHeads: 3, size: 64),
      Case(pieces: [(127, 1), (128, 1), (255, 3)], heads: 4, keyHeads: 4, size: 16),
      Case(pieces: [(250, 30)], heads: 8, keyHeads: 1, size: 80),
      Case(pieces: [(5, 9), (90, 60)], heads: 32, keyHeads: 1, size: 12),
      Case(pieces: [(0, 7)], heads: 6, keyHeads: 2, size: 5),
      Case(pieces: [(100, 50), (0, 30)], heads: 4, keyHeads: 2, size: 64, window: 20),
      Case(pieces: [(0, 200)], heads: 2, keyHeads: 1, size: 24, window: 100),
      Case(pieces: [(10, 30)], heads: 4, keyHeads: 2, size: 40, cap: 2),
    ]
    /// Shapes at random.
    static let random: [Case] = (0..<24).map { seed in
      var random = Numbers(seed: UInt64(seed))
      let keyHeads = random.next(in: 1...4)
      return Case(
        pieces: (0..<random.next(in: 1...3)).map { _ in (random.next(in: 0...150), random.next(in: 1...25)) },
        heads: keyHeads * random.next(in: 1...5), keyHeads: keyHeads, size: random.next(in: 1...70),
        window: random.next(in: 0...1) * random.next(in: 1...200), cap: Float(random.next(in: 0...1)) * 3,
        isNarrow: random.next(in: 0...1) == 1, seed: UInt64(seed))
    }
  }

  /// Numbers that look random.
  struct Numbers {
    var state: UInt64
    init(seed: UInt64) { state = seed &* 2 &+ 1 }
    mutating func next() -> UInt64 {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return state >> 33
    }
    mutating func next(in range: ClosedRange<Int>) -> Int { range.lowerBound + Int(next() % UInt64(range.count)) }
    /// From -2 to 2, a bfloat16.
    mutating func number() -> Float { Float(Int(next() % 256) - 128) / 64 }
  }

  /// A case's queries and caches; what lies in a cache behind a sequence's last token is no number.
  private final class Setup {
    let the: Case
    var queries: [Float] = []
    var keys: [UnsafeMutableRawPointer?] = []
    var values: [UnsafeMutableRawPointer?] = []
    var positions: [Int32] = []
    var capacities: [Int32] = []
    private var memory: [UnsafeMutableRawPointer] = []
    var rowSize: Int { (the.heads + 2 * the.keyHeads) * the.size }

    init(_ the: Case) {
      self.the = the
      var random = Numbers(seed: the.seed)
      for piece in the.pieces {
        let count = piece.known + piece.new
        let capacity = (count + 15) / 16 * 16
        let bytes = max(64, the.keyHeads * capacity * the.size * (the.isNarrow ? 2 : 4))
        let (key, value) = (Self.nothing(bytes), Self.nothing(bytes))
        memory += [key, value]
        let rows = (0..<count * rowSize).map { _ in random.number() }
        let (ks, vs) = (
          [UnsafeMutableRawPointer?](repeating: key, count: count),
          [UnsafeMutableRawPointer?](repeating: value, count: count)
        )
        ck_store_keys(
          rows, Int64(rowSize), ks, vs, (0..<Int32(count)).map(\.self),
          [Int32](repeating: Int32(capacity), count: count),
          the.isNarrow ? 1 : 0, Int64(the.heads), Int64(the.keyHeads), Int64(the.size), 0, Int64(count))
        queries += rows[(piece.known * rowSize)...]
        keys += ks.suffix(piece.new)
        values += vs.suffix(piece.new)
        positions += Int32(piece.known)..<Int32(count)
        capacities += [Int32](repeating: Int32(capacity), count: piece.new)
      }
    }

    deinit { for one in memory { one.deallocate() } }

    private static func nothing(_ bytes: Int) -> UnsafeMutableRawPointer {
      let memory = UnsafeMutableRawPointer.allocate(byteCount: bytes, alignment: 64)
      memory.initializeMemory(as: UInt8.self, repeating: 0xFF, count: bytes)
      return memory
    }

    /// What the kernel makes of the rows, a run of so many at a time.
    func attend(_ kernel: Kernel, runs: (Int) -> Int) -> [UInt32] {
      let rows = positions.count * the.heads
      var out = [Float](repeating: .nan, count: rows * the.size)
      var begin = 0
      while begin < rows {
        let end = min(rows, begin + max(1, runs(begin)))
        kernel(
          queries, Int64(rowSize), keys, values, positions, capacities, the.isNarrow ? 1 : 0, &out,
          Int64(positions.count),
          Int64(the.heads), Int64(the.keyHeads), Int64(the.size), 0.3, Int64(the.window), the.cap, Int64(begin),
          Int64(end))
        begin = end
      }
      return out.map(\.bitPattern)
    }

    private func number(_ cache: UnsafeMutableRawPointer?, _ index: Int) -> Double {
      guard let cache else { return .nan }
      guard the.isNarrow else { return Double(cache.load(fromByteOffset: 4 * index, as: Float.self)) }
      return Double(Float(bitPattern: UInt32(cache.load(fromByteOffset: 2 * index, as: UInt16.self)) << 16))
    }

    /// How far some of the outputs are from the formula in double precision.
    func distance(_ outputs: [UInt32]) -> Double {
      let (S, group, pairs) = (the.size, the.heads / the.keyHeads, positions.count * the.heads)
      return stride(from: 0, to: pairs, by: max(1, pairs / 16)).map { pair in
        let (token, head) = (pair / the.heads, pair % the.heads)
        let (last, start) = (Int(positions[token]), head / group * Int(capacities[token]) * S)
        let seen = (the.window > 0 ? max(0, last + 1 - the.window) : 0)...last
        let scores = seen.map { key in
          var product = 0.0
          for s in 0..<S {
            product +=
              Double(queries[token * rowSize + head * S + s])
              * number(keys[token], start + key / 16 * 16 * S + 16 * s + key % 16)
          }
          let score = product * Double(Float(0.3))
          return the.cap > 0 ? Double(the.cap) * tanh(score / Double(the.cap)) : score
        }
        let largest = scores.max() ?? 0
        let weights = scores.map { exp($0 - largest) }
        let total = weights.reduce(0, +)
        return (0..<min(S, 20)).map { s in
          var exact = 0.0
          for (key, weight) in zip(seen, weights) {
            exact += weight / total * number(values[token], start + key * S + s)
          }
          let difference = abs(Double(Float(bitPattern: outputs[pair * S + s])) - exact)
          return difference.isNaN ? .infinity : difference
        }.max() ?? 0
      }.max() ?? 0
    }
  }

  /// One query at a time, all at once, and runs that end anywhere: the same bits, and those of the formula up to rounding.
  @Test(arguments: Case.all + Case.random) func bitsDoNotDependOnWhatIsComputedTogether(the: Case) {
    let setup = Setup(the)
    for kernel: Kernel in [ck_attend, ck_attend_portable] {
      let alone = setup.attend(kernel) { _ in 1 }
      #expect(setup.distance(alone) < 1e-5)
      #expect(setup.attend(kernel) { _ in .max } == alone)
      var random = Numbers(seed: the.seed + 100)
      #expect(setup.attend(kernel) { _ in random.next(in: 1...50) } == alone)
    }
  }
}
