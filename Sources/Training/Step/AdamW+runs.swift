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
  /// Numbers of narrow moments that share a scale.
  static let block = Int(CK_DYNAMIC_BLOCK)

  /// The moments of one tensor, or of the part of it that is kept here.
  struct Moments {
    let entry: ParameterLayout.Entry
    /// The place of the whole tensor among the gradients.
    let gradients: Range<Int>
    /// Which of its numbers have their moments here.
    let part: Range<Int>
    let place: Place
  }

  /// Each tensor that trains, and where its moments are; the numbers of float32 that there are.
  /// - Parameter own: the gradients whose moments are kept here.
  static func places(
    _ parameters: Parameters, _ format: MomentFormat, in own: [Range<Int>]
  ) throws -> (places: [Moments], wide: Int) {
    let maps = try NarrowMoments.Maps()
    var wide = 0
    let places = try parameters.trainedEntries.compactMap { entry, gradients -> Moments? in
      guard let part = gradients.part(in: own) else { return nil }
      if isNarrow(gradients, format) {
        let moments = try NarrowMoments(gradients.count, keeping: part, maps)
        return Moments(entry: entry, gradients: gradients, part: part, place: .narrow(moments))
      }
      defer { wide += part.count }
      return Moments(entry: entry, gradients: gradients, part: part, place: .wide(wide))
    }
    return (places, wide)
  }

  static func isNarrow(_ gradients: Range<Int>, _ format: MomentFormat) -> Bool {
    format == .eightBits && gradients.count >= smallestNarrow
  }

  /// One step of some parameters.
  func step(_ run: Run, _ constants: Constants) throws {
    let values = parameters.values.floats + run.values.lowerBound
    switch run.moments {
    case .narrow(let moments):
      try moments.step(values, constants) { part, body in
        parameters.withGradients(run.gradients + part.lowerBound..<run.gradients + part.upperBound, body)
      }
    case .wide(let start):
      let (first, second) = (firstMoment.floats + start, secondMoment.floats + start)
      try parallel(run.values.count, grain: Self.piece) { part in
        for piece in part.chunks(of: Self.piece) {
          let (begin, count) = (piece.lowerBound, Int64(piece.count))
          parameters.withGradients(run.gradients + begin..<run.gradients + piece.upperBound) { slopes in
            ck_adamw(
              values + begin, slopes, first + begin, second + begin, constants.gradientScale, constants.learningRate,
              constants.beta1, constants.beta2, constants.epsilon, constants.weightDecay, constants.correction1,
              constants.correction2, 0, count)
          }
        }
      }
    }
  }

  /// Numbers that are updated while they lie in a cache.
  static let piece = 1 << 14
}

extension Range<Int> {
  /// Which places of this range lie in another, counted from its beginning; nil where none do.
  func part(in other: Range<Int>) -> Range<Int>? {
    let shared = clamped(to: other)
    return shared.isEmpty ? nil : shared.lowerBound - lowerBound..<shared.upperBound - lowerBound
  }

  /// The same for the one of several others that it has places in: a tensor lies in one group, of which a rank keeps one range.
  func part(in others: [Range<Int>]) -> Range<Int>? { others.lazy.compactMap(part).first }
}
