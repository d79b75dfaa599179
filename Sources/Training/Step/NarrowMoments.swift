import CKernels
import Torch

/// The moments of one tensor in 8 bits, in blocks of 256 numbers with a scale each: 2.03 bytes a parameter.
///
/// The maps are those of 8-bit optimizers (Dettmers et al., arXiv 2110.02861), but it is the root of the second moment that
/// is kept. A block in which squares of gradients lie more than seven decades apart would else have zeros among them, through
/// which an update is divided; and a step changes a second moment by a thousandth, which rounding to the nearest value would
/// undo, so roots are rounded up or down at random. The chance depends on the step and the place alone.
final class NarrowMoments {
  private let first: HostMemory
  private let root: HostMemory
  /// A number for each block.
  private let firstScales: Tensor
  private let rootScales: Tensor
  private let maps: Maps
  let count: Int
  private var blocks: Int { (count + CK_DYNAMIC_BLOCK - 1) / CK_DYNAMIC_BLOCK }

  /// The values that places in the two moments stand for.
  struct Maps {
    let signed: Tensor
    let unsigned: Tensor

    init() throws {
      signed = try Tensor(DynamicMap.signed, shape: [256])
      unsigned = try Tensor(DynamicMap.unsigned, shape: [256])
    }
  }

  /// Moments of zero.
  init(_ count: Int, _ maps: Maps) throws {
    self.count = count
    self.maps = maps
    first = try HostMemory.take(count, zeroed: true)
    root = try HostMemory.take(count, zeroed: true)
    firstScales = try Tensor(zeros: [(count + CK_DYNAMIC_BLOCK - 1) / CK_DYNAMIC_BLOCK])
    rootScales = try Tensor(zeros: [(count + CK_DYNAMIC_BLOCK - 1) / CK_DYNAMIC_BLOCK])
  }

  /// Moves values along their gradient.
  func step(_ values: UnsafeMutablePointer<Float>, _ gradient: UnsafePointer<Float>, _ constants: AdamW.Constants)
    throws
  {
    var moments = ck_moments(
      first: first.codes, root: root.codes, first_scales: firstScales.floats, root_scales: rootScales.floats,
      signed_map: UnsafePointer(maps.signed.floats), unsigned_map: UnsafePointer(maps.unsigned.floats))
    try withUnsafePointer(to: &moments) { moments in
      try parallel(blocks, grain: 32) { part in
        ck_adamw_8bit(
          values, gradient, moments, Int64(count), UInt32(truncatingIfNeeded: constants.step), constants.gradientScale,
          constants.learningRate, constants.beta1, constants.beta2, constants.epsilon, constants.weightDecay,
          constants.correction1, constants.correction2, Int64(part.lowerBound), Int64(part.upperBound))
      }
    }
  }

  /// Its parts under the names that a checkpoint has them by: places, a byte each, and scales.
  var places: [(name: String, bytes: UnsafeMutableBufferPointer<UInt8>)] {
    [("first_moment", first), ("second_moment_root", root)].map {
      ($0, UnsafeMutableBufferPointer(start: $1.codes, count: count))
    }
  }
  var scales: [(name: String, numbers: Tensor)] {
    [("first_moment_scales", firstScales), ("second_moment_root_scales", rootScales)]
  }
}

extension HostMemory {
  fileprivate var codes: UnsafeMutablePointer<UInt8> { base.assumingMemoryBound(to: UInt8.self) }
}
