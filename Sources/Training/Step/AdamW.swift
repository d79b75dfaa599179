import CKernels
import Foundation
import Llama
import Torch

/// Adam with decoupled weight decay (Loshchilov & Hutter, arXiv 1711.05101), in PyTorch's order of operations, on
/// float32 parameters.
public final class AdamW {
  /// How the decaying means of gradients and of their squares are kept.
  public enum MomentFormat: Sendable {
    /// 8 bytes a parameter.
    case float32
    /// 2.03 bytes a parameter: 8 bits, in blocks of 256 with a scale each. Tensors of fewer than 4096 numbers stay in float32.
    case eightBits

    /// Bytes of the moments of so many parameters.
    package func byteCount(_ parameters: Int) -> Int {
      switch self {
      case .float32: 8 * parameters
      case .eightBits: 2 * (parameters + 4 * parameters / CK_DYNAMIC_BLOCK)
      }
    }
  }

  /// The optimizer's constants.
  public struct Settings: Sendable, Equatable {
    /// The decay of the first moment.
    public var beta1 = 0.9
    /// The decay of the second moment.
    public var beta2 = 0.999
    /// Added to the second moment's root.
    public var epsilon = 1e-8
    /// The share by which a step at rate 1 would shrink matrices; biases and norms are never shrunk.
    public var weightDecay = 0.0
    /// How moments are kept.
    public var moments = MomentFormat.float32

    /// Adam as in the Tulu 2.5 model card.
    public init() {}
  }

  /// Steps taken.
  public internal(set) var stepCount = 0
  let settings: Settings
  let parameters: Parameters
  let gradients: Tensor
  /// Where each tensor's moments are, in the order of the gradients.
  let places: [(entry: ParameterLayout.Entry, gradients: Range<Int>, place: Place)]
  /// Decaying means of the gradient and of its square, of what is kept in float32: flat as the gradients are.
  let firstMoment: Tensor
  let secondMoment: Tensor

  /// An optimizer of parameters that train, its moments zero.
  public init(_ parameters: Parameters, _ settings: Settings) throws {
    guard let gradients = parameters.gradients else {
      throw TrainingError("nothing of the model trains: it was loaded without room for gradients")
    }
    self.parameters = parameters
    self.gradients = gradients
    self.settings = settings
    let (places, wide) = try Self.places(parameters, settings.moments)
    self.places = places
    firstMoment = try Tensor(zeros: [wide])
    secondMoment = try Tensor(zeros: [wide])
  }

  /// The Euclidean norm of all gradients together.
  public func gradientNorm() throws -> Double {
    // Summed in fixed pieces, so that the result does not depend on the number of threads.
    let (piece, count) = (1 << 16, gradients.count)
    var sums = [Double](repeating: 0, count: (count + piece - 1) / piece)
    try sums.withUnsafeMutableBufferPointer { sums in
      nonisolated(unsafe) let sums = sums
      try parallel(sums.count) { pieces in
        for index in pieces {
          sums[index] = ck_sum_of_squares(
            gradients.floats, Int64(index * piece), Int64(min(count, (index + 1) * piece)))
        }
      }
    }
    return sums.reduce(0, +).squareRoot()
  }

  /// One step along gradients multiplied by `gradientScale`, after which the gradients are zero.
  public func step(learningRate: Double, gradientScale: Double) throws {
    stepCount += 1
    parameters.beginUpdate()
    let correction1 = 1 - pow(settings.beta1, Double(stepCount))
    let correction2 = 1 - pow(settings.beta2, Double(stepCount))
    for run in runs {
      try step(
        run,
        Constants(
          step: stepCount, gradientScale: Float(gradientScale), learningRate: learningRate, beta1: settings.beta1,
          beta2: settings.beta2, epsilon: settings.epsilon, weightDecay: run.decays ? settings.weightDecay : 0,
          correction1: correction1, correction2: correction2))
    }
    gradients.fillWithZeros()
  }

  /// What is updated at once: all that lies together in float32 where nothing decays, a tensor otherwise.
  private lazy var runs: [Run] = {
    guard settings.weightDecay != 0 || settings.moments != .float32 else {
      return parameters.trained.map {
        Run(
          values: $0.values, gradients: $0.gradients.lowerBound, moments: .wide($0.gradients.lowerBound), decays: false)
      }
    }
    return places.map { entry, gradients, place in
      Run(values: entry.range, gradients: gradients.lowerBound, moments: place, decays: entry.decays)
    }
  }()
}
