import Datasets

/// Lines in a random order, more of them than fit the memory.
///
/// A random permutation says where each line goes. Lines that go to the same stretch of the result are put into one
/// temporary file; in the end the stretches are read one by one. Where there is only one, it stays in memory.
package final class ShuffledLines {
  /// About how many bytes of lines a stretch holds.
  private static let stretchSize = 32 << 20

  private var positions: [UInt32]
  private let stretchLength: Int
  private var stretches: [LineFile]
  private var added = 0

  /// - Parameters:
  ///   - count: how many lines there will be.
  ///   - size: about how many bytes these have.
  /// - Throws: `LineFileError`.
  package init(count: Int, size: Int, seed: UInt64) throws(LineFileError) {
    positions = (0..<UInt32(clamping: count)).map { $0 }
    var generator = SplitMix64(seed: seed)
    for last in stride(from: positions.count - 1, to: 0, by: -1) {
      positions.swapAt(last, generator.index(below: last + 1))
    }
    // Every stretch is an open file, of which a process may have about a thousand.
    let stretchCount = min(512, max(1, size / Self.stretchSize))
    stretchLength = max(1, (count + stretchCount - 1) / stretchCount)
    stretches = []
    for _ in 0..<stretchCount { stretches.append(try LineFile(inMemory: stretchCount == 1)) }
  }

  /// Adds the next line; one more than was announced is passed over.
  /// - Throws: `LineFileError`.
  package func add(_ line: ArraySlice<UInt8>) throws(LineFileError) {
    guard added < positions.count else { return }
    let position = Int(positions[added])
    added += 1
    try stretches[position / stretchLength].add(line, at: position)
  }

  /// Hands on all lines in their order.
  /// - Throws: `LineFileError`, and what `body` throws.
  package func forEach(_ body: (ArraySlice<UInt8>) throws -> Void) throws {
    for stretch in stretches { try stretch.forEach(body) }
  }
}
