import Torch

/// Leaves out inputs of an adapter while it trains (Srivastava et al. 2014, JMLR 15): each with probability p, and the others are divided
/// by 1 − p. Where a model only scores or answers, nothing is left out.
///
/// What is left out follows from the run's seed, the step, the micro-batch and the place, so that layers which are computed again, the
/// backward and a resumed run leave out the same. Unlike in PEFT, matrices that one product serves leave out the same inputs.
final class Dropout {
  private let probability: Float
  private let runSeed: UInt64
  private var stepSeed: UInt64 = 0
  private var passCount: UInt64 = 0
  /// The seed of the pass that is computed; nil where nothing is left out.
  var passSeed: UInt64?

  /// Whether anything is left out now.
  var isActive: Bool { passSeed != nil && probability > 0 }

  init(probability: Float, seed: UInt64) { (self.probability, runSeed) = (probability, seed) }

  /// Begins a step; its passes are numbered from 0.
  func begin(step: Int) { (stepSeed, passCount) = (Self.mix(runSeed ^ Self.mix(UInt64(step))), 0) }

  /// Leaves out passes that are computed elsewhere.
  func skip(passes: Int) { passCount += UInt64(passes) }

  /// The seed of the step's next pass.
  func nextPass() -> UInt64 {
    defer { passCount += 1 }
    return Self.mix(stepSeed &+ passCount)
  }

  /// x with what a matrix's inputs leave out, N×in; x itself where nothing is.
  /// - Parameter site: tells one product's inputs from another's.
  func apply(_ x: Tensor, site: UInt64) throws -> Tensor {
    guard let passSeed, probability > 0 else { return x }
    let (y, width) = (try Tensor(uninitialized: x.shape), x.shape[1])
    let (seed, scale) = (Self.mix(passSeed ^ Self.mix(site)), 1 / (1 - probability))
    let bound = UInt64(Double(probability) * 0x1p32)
    try parallel(x.shape[0], grain: 16) { rows in
      for place in rows.lowerBound * width..<rows.upperBound * width {
        let isLeftOut = Self.mix(seed &+ UInt64(place)) >> 32 < bound
        y.floats[place] = isLeftOut ? 0 : x.floats[place] * scale
      }
    }
    return y
  }

  /// SplitMix64's output function (Steele, Lea & Flood 2014) of a number.
  private static func mix(_ number: UInt64) -> UInt64 {
    var z = number &+ 0x9E37_79B9_7F4A_7C15
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}
