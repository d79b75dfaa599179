import CKernels
import Torch

/// Sums of gradients in bfloat16, 2 bytes a parameter.
///
/// A group's gradient is computed in float32 and added once the backward is past the group. A sum is rounded up or down at random, as
/// often up as it lies above, for to the nearest what a later micro-batch adds to a much larger sum would be lost. The chance
/// depends on the step, on which addition it is, and on the place alone.
final class NarrowGradients {
  private let sums: Tensor
  private var step = 0
  private var additions: [Int: Int] = [:]

  /// Sums of zero for so many gradients, which take no memory where none is added.
  init(_ count: Int) throws { sums = try Tensor(reserving: [count], dtype: .bfloat16) }

  /// Says which step the next gradients are of.
  func begin(step: Int) { (self.step, additions) = (step, [:]) }

  /// Adds to the gradients of a range.
  func add(_ gradients: UnsafePointer<Float>, to range: Range<Int>) throws {
    let addition = additions[range.lowerBound, default: 0]
    additions[range.lowerBound] = addition + 1
    let (sums, seed) = (places, UInt32(truncatingIfNeeded: step &* 0x10001 &+ addition))
    try parallel(range.count, grain: 1 << 14) { part in
      ck_accumulate_bfloat16(
        gradients, sums + range.lowerBound, seed, Int64(range.lowerBound), Int64(part.lowerBound),
        Int64(part.upperBound))
    }
  }

  /// Calls `body` with the sums of a range, widened.
  func withFloats(_ range: Range<Int>, _ body: (UnsafePointer<Float>) -> Void) {
    withUnsafeTemporaryAllocation(of: Float.self, capacity: range.count) { floats in
      ck_from_bfloat16(places + range.lowerBound, floats.baseAddress, 0, 0, Int64(range.count))
      body(UnsafePointer(floats.baseAddress!))
    }
  }

  /// Makes the sums of a range zero again.
  func clear(_ range: Range<Int>) { sums.slice(from: range.lowerBound, shape: [range.count]).fillWithZeros() }

  private var places: UnsafeMutablePointer<UInt16> { sums.bytes.assumingMemoryBound(to: UInt16.self) }
}

extension Parameters {
  /// Says which step the next gradients are of: how sums in bfloat16 are rounded follows from it.
  package func beginGradients(step: Int) { narrow?.begin(step: step) }

  /// Calls `body` with the sums of the gradients of a range, wherever they are kept: where they lie, or widened for the while.
  package func withGradients(_ range: Range<Int>, _ body: (UnsafePointer<Float>) -> Void) {
    if let narrow { return narrow.withFloats(range, body) }
    if let gradients { body(gradients.floats + range.lowerBound) }
  }

  /// Makes the gradients of some ranges zero, as they are before a batch.
  package func clearGradients(_ ranges: [Range<Int>]) {
    for range in ranges {
      if let narrow {
        narrow.clear(range)
      } else {
        gradients?.slice(from: range.lowerBound, shape: [range.count]).fillWithZeros()
      }
    }
  }
}
