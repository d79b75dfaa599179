import CKernels
import Llama
import Torch

extension AdamW {
  /// Parameters that lie one after the other, are kept alike, and all decay or all do not.
  struct Run {
    /// Their place among all parameters.
    let values: Range<Int>
    /// Where they begin among the gradients.
    let gradients: Int
    let moments: Place
    let decays: Bool
  }

  /// Where moments are.
  enum Place {
    /// In the flat tensors of float32, from this number on.
    case wide(Int)
    case narrow(NarrowMoments)
  }

  /// What a step multiplies by.
  struct Constants {
    var step: Int
    var gradientScale: Float
    var learningRate: Double
    var beta1: Double
    var beta2: Double
    var epsilon: Double
    var weightDecay: Double
    var correction1: Double
    var correction2: Double
  }

  // Norms and biases are no memory worth saving, as bitsandbytes has it.
  static let smallestNarrow = 4096

  /// Each tensor that trains, and where its moments are; the numbers of float32 that there are.
  static func places(
    _ parameters: Parameters, _ format: MomentFormat
  ) throws -> (places: [(entry: ParameterLayout.Entry, gradients: Range<Int>, place: Place)], wide: Int) {
    let maps = try NarrowMoments.Maps()
    var wide = 0
    let places = try parameters.trainedEntries.map { entry, gradients in
      if format == .eightBits, gradients.count >= smallestNarrow {
        return (entry, gradients, Place.narrow(try NarrowMoments(gradients.count, maps)))
      }
      defer { wide += gradients.count }
      return (entry, gradients, Place.wide(wide))
    }
    return (places, wide)
  }

  /// One step of some parameters.
  func step(_ run: Run, _ constants: Constants) throws {
    let (values, slopes) = (parameters.values.floats + run.values.lowerBound, gradients.floats + run.gradients)
    switch run.moments {
    case .narrow(let moments): try moments.step(values, slopes, constants)
    case .wide(let start):
      let (first, second) = (firstMoment.floats + start, secondMoment.floats + start)
      try parallel(run.values.count, grain: 1 << 14) { part in
        ck_adamw(
          values, slopes, first, second, constants.gradientScale, constants.learningRate, constants.beta1,
          constants.beta2, constants.epsilon, constants.weightDecay, constants.correction1, constants.correction2,
          Int64(part.lowerBound), Int64(part.upperBound))
      }
    }
  }
}
