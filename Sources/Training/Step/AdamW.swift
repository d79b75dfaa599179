import CKernels
import Foundation
import Llama
import Torch

/// Adam with decoupled weight decay (Loshchilov & Hutter, arXiv 1711.05101), in PyTorch's order of operations, on
/// float32 parameters and moments.
public final class AdamW {
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

    /// Adam as in the Tulu 2.5 model card.
    public init() {}
  }

  /// Steps taken.
  public internal(set) var stepCount = 0
  let settings: Settings
  let parameters: Parameters
  let gradients: Tensor
  /// Decaying means of the gradient and of its square, flat as the gradients are.
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
    firstMoment = try Tensor(zeros: [gradients.count])
    secondMoment = try Tensor(zeros: [gradients.count])
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
    for (range, decays) in decayRuns {
      let values = parameters.values.floats + range.values.lowerBound - range.gradients.lowerBound
      try parallel(range.gradients.count, grain: 1 << 14) { part in
        ck_adamw(
          values, gradients.floats, firstMoment.floats, secondMoment.floats, Float(gradientScale),
          learningRate, settings.beta1, settings.beta2, settings.epsilon, decays ? settings.weightDecay : 0,
          correction1, correction2, Int64(range.gradients.lowerBound + part.lowerBound),
          Int64(range.gradients.lowerBound + part.upperBound))
      }
    }
    gradients.fillWithZeros()
  }

  /// Neighbours that train and all decay, or all do not.
  private lazy var decayRuns: [(range: Parameters.TrainedRange, decays: Bool)] = {
    guard settings.weightDecay != 0 else { return parameters.trained.map { ($0, false) } }
    return parameters.trainedEntries.map { entry, gradients in
      (Parameters.TrainedRange(values: entry.range, gradients: gradients), entry.decays)
    }
  }()
}
