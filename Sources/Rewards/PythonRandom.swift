import Foundation
import Hashing

/// Python's `random.Random`, so that samples and coins are those that the authors' programs draw: the Mersenne Twister MT19937
/// (Matsumoto and Nishimura 1998), seeded as CPython seeds it.
package struct PythonRandom: Sendable {
  private var state = [UInt32](repeating: 0, count: 624)
  private var index = 624
  /// Normal numbers come in pairs; this is the second one.
  private var spareNormal: Double?

  /// Seeded by a whole number, at least 0.
  package init(seed: Int) { self.init(key: Self.words(of: [UInt8](Self.bytes(of: UInt64(seed))))) }

  /// Seeded by a text: its bytes, and their SHA-512 behind them, as one number.
  package init(seed: String) {
    let bytes = Array(seed.utf8)
    self.init(key: Self.words(of: bytes + Digest.sha512(bytes).bytes))
  }

  /// MT19937's initialization by a list of numbers.
  private init(key: [UInt32]) {
    state[0] = 19_650_218
    for i in 1..<624 { state[i] = 1_812_433_253 &* (state[i - 1] ^ (state[i - 1] >> 30)) &+ UInt32(i) }
    var (i, j) = (1, 0)
    for _ in 0..<max(624, key.count) {
      state[i] = (state[i] ^ ((state[i - 1] ^ (state[i - 1] >> 30)) &* 1_664_525)) &+ key[j] &+ UInt32(j)
      (i, j) = (i + 1, j + 1)
      if i >= 624 { (state[0], i) = (state[623], 1) }
      if j >= key.count { j = 0 }
    }
    for _ in 0..<623 {
      state[i] = (state[i] ^ ((state[i - 1] ^ (state[i - 1] >> 30)) &* 1_566_083_941)) &- UInt32(i)
      i += 1
      if i >= 624 { (state[0], i) = (state[623], 1) }
    }
    state[0] = 0x8000_0000
  }

  private static func bytes(of number: UInt64) -> [UInt8] {
    (0..<8).map { UInt8(truncatingIfNeeded: number >> (56 - 8 * UInt64($0))) }
  }

  /// The 32-bit words of a number whose bytes come with the most significant first: the least significant word first, without
  /// zeros above.
  private static func words(of bytes: [UInt8]) -> [UInt32] {
    var words: [UInt32] = []
    var end = bytes.count
    while end > 0 {
      words.append(bytes[max(0, end - 4)..<end].reduce(0) { $0 << 8 | UInt32($1) })
      end -= 4
    }
    while words.count > 1, words.last == 0 { words.removeLast() }
    return words
  }

  /// The next 32 bits.
  package mutating func next() -> UInt32 {
    if index == 624 {
      for i in 0..<624 {
        let y = (state[i] & 0x8000_0000) | (state[(i + 1) % 624] & 0x7FFF_FFFF)
        state[i] = state[(i + 397) % 624] ^ (y >> 1) ^ (y & 1 == 0 ? 0 : 0x9908_B0DF)
      }
      index = 0
    }
    var y = state[index]
    index += 1
    y ^= y >> 11
    y ^= (y << 7) & 0x9D2C_5680
    y ^= (y << 15) & 0xEFC6_0000
    return y ^ (y >> 18)
  }

  /// `random()`: a number from 0 to below 1 with 53 bits.
  package mutating func unit() -> Double {
    let (a, b) = (next() >> 5, next() >> 6)
    return (Double(a) * 67_108_864 + Double(b)) / 9_007_199_254_740_992
  }

  /// `gauss(0, 1)`: a number of the normal distribution, by Box and Muller.
  package mutating func normal() -> Double {
    if let spare = spareNormal {
      spareNormal = nil
      return spare
    }
    let angle = unit() * 2 * .pi
    let radius = sqrt(-2 * log(1 - unit()))
    spareNormal = sin(angle) * radius
    return cos(angle) * radius
  }

  /// `randrange(limit)`, for limits from 1 to below 2^32.
  package mutating func index(below limit: Int) -> Int {
    let bits = UInt32(Int.bitWidth - limit.leadingZeroBitCount)
    while true {
      let number = Int(next() >> (32 - bits))
      if number < limit { return number }
    }
  }

  /// `sample(range(population), count)`; all of them in random order where `count` is more.
  package mutating func sample(_ count: Int, below population: Int) -> [Int] {
    let count = min(count, population)
    var setSize = 21
    if count > 5 {
      var power = 1
      while power < count * 3 { power *= 4 }
      setSize += power
    }
    guard population > setSize else {
      var pool = Array(0..<population)
      return (0..<count).map { i in
        let j = index(below: population - i)
        defer { pool[j] = pool[population - i - 1] }
        return pool[j]
      }
    }
    var chosen: Set<Int> = []
    return (0..<count).map { _ in
      while true {
        let j = index(below: population)
        if chosen.insert(j).inserted { return j }
      }
    }
  }
}
