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
  /// The numbers of the tensor.
  let count: Int
  /// Those whose moments are kept here: whole blocks.
  private let part: Range<Int>
  private var blocks: Range<Int> {
    part.lowerBound / CK_DYNAMIC_BLOCK..<(part.upperBound + CK_DYNAMIC_BLOCK - 1) / CK_DYNAMIC_BLOCK
  }

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
  /// - Parameter part: which numbers of the tensor they are of, from the beginning of a block on; without it all.
  init(_ count: Int, keeping part: Range<Int>? = nil, _ maps: Maps) throws {
    self.count = count
    self.part = part ?? 0..<count
    self.maps = maps
    let blocks = (self.part.count + CK_DYNAMIC_BLOCK - 1) / CK_DYNAMIC_BLOCK
    first = try HostMemory.take(self.part.count, zeroed: true)
    root = try HostMemory.take(self.part.count, zeroed: true)
    firstScales = try Tensor(zeros: [blocks])
    rootScales = try Tensor(zeros: [blocks])
  }

  /// Moves the values of the part along their gradient.
  /// - Parameter withGradient: lends the gradient of some numbers, counted from the beginning of the part.
  func step(
    _ values: UnsafeMutablePointer<Float>, _ constants: AdamW.Constants,
    withGradient: (_ numbers: Range<Int>, (UnsafePointer<Float>) -> Void) -> Void
  ) throws {
    // What is drawn depends on the place in the whole tensor, whose beginning all of these are counted from.
    let (start, block) = (part.lowerBound, blocks.lowerBound)
    var moments = ck_moments(
      first: first.codes - start, root: root.codes - start, first_scales: firstScales.floats - block,
      root_scales: rootScales.floats - block,
      signed_map: UnsafePointer(maps.signed.floats), unsigned_map: UnsafePointer(maps.unsigned.floats))
    try withUnsafePointer(to: &moments) { moments in
      try parallel(blocks.count, grain: 32) { own in
        for piece in own.chunks(of: AdamW.piece / AdamW.block) {
          let numbers = piece.lowerBound * AdamW.block..<min(piece.upperBound * AdamW.block, part.count)
          withGradient(numbers) { gradient in
            ck_adamw_8bit(
              values - start, gradient - numbers.lowerBound - start, moments, Int64(part.upperBound),
              UInt32(truncatingIfNeeded: constants.step), constants.gradientScale, constants.learningRate,
              constants.beta1, constants.beta2, constants.epsilon, constants.weightDecay, constants.correction1,
              constants.correction2, Int64(block + piece.lowerBound), Int64(block + piece.upperBound))
          }
        }
      }
    }
  }

  /// What a checkpoint calls the places in the maps, a byte each, and the scales.
  static let placeNames = ["first_moment", "second_moment_root"]
  static let scaleNames = ["first_moment_scales", "second_moment_root_scales"]

  /// The places that are kept here.
  var places: [UnsafeMutableBufferPointer<UInt8>] {
    [first, root].map { UnsafeMutableBufferPointer(start: $0.codes, count: part.count) }
  }
  /// Their scales.
  var scales: [Tensor] { [firstScales, rootScales] }
}

extension HostMemory {
  fileprivate var codes: UnsafeMutablePointer<UInt8> { base.assumingMemoryBound(to: UInt8.self) }
}
