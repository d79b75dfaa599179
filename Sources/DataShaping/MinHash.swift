import CKernels
import Datasets

/// A short summary of a text by which its likeness to others can be told (Broder, 1997).
///
/// The likeness of two texts is the Jaccard index of their sets of shingles, runs of five words: how many they share, of
/// all that occur in either. For each of 128 hash functions the smallest hash of any shingle is taken; two texts agree
/// in it with a probability that is their likeness. Eight bits of each are kept (b-bit minwise hashing; Li and König,
/// 2010). The likeness estimated from two summaries has a standard error of at most 0.045.
package struct MinHash: Sendable {
  /// How many hash functions there are.
  static let count = CK_MIN_HASHES
  /// How many words make a shingle.
  package static let shingleLength = 5

  /// The kept bits of each function's smallest hash.
  let bytes: [UInt8]

  /// The summary of a text.
  package init(_ words: TextWords) {
    var smallest = [Int32](repeating: .max, count: Self.count)
    let hashes = words.shingles(Self.shingleLength).map { Int32(truncatingIfNeeded: $0) }
    ck_min_hash(hashes, Int64(hashes.count), Self.factors, Self.summands, &smallest)
    bytes = smallest.map { UInt8(truncatingIfNeeded: UInt64(UInt32(bitPattern: $0)).mixed) }
  }

  /// The estimated likeness of two texts, from 0 to 1.
  package func similarity(to other: MinHash) -> Double {
    Self.similarity(agreeing: zip(bytes, other.bytes).count { $0 == $1 })
  }

  /// The likeness of texts that agree in so many functions; of those that differ, one in 256 agrees by chance.
  static func similarity(agreeing: Int) -> Double {
    let chance = 1.0 / 256
    return max(0, (Double(agreeing) / Double(count) - chance) / (1 - chance))
  }

  /// The functions are x ↦ ax + b modulo 2^32, with a odd: each puts all numbers into another order.
  private static let factors = numbers(seed: 1).map { $0 | 1 }
  private static let summands = numbers(seed: 2)

  private static func numbers(seed: UInt64) -> [Int32] {
    var generator = SplitMix64(seed: seed)
    return (0..<count).map { _ in Int32(truncatingIfNeeded: generator.next()) }
  }
}
