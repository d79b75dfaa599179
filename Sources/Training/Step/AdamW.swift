import CKernels
import Collectives
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
    /// Whether each of several ranks keeps only its share of them; of a model that ranks keep together it does in any case.
    public var sharding = Sharding.none

    /// Adam as in the Tulu 2.5 model card.
    public init() {}
  }

  /// Steps taken.
  public internal(set) var stepCount = 0
  let settings: Settings
  let parameters: Parameters
  let gradients: Tensor
  /// Who takes the steps together.
  let ranks: any Communicator
  /// Whether each rank has the moments of all gradients.
  let keepsAll: Bool
  /// Which gradients each rank sums.
  let summed: [[Range<Int>]]
  /// Which gradients each rank has the moments of: all have all, or each has those that it sums.
  let kept: [[Range<Int>]]
  /// Where each tensor's moments are, in the order of the gradients.
  let places: [Moments]
  /// Decaying means of the gradient and of its square, of what is kept in float32: flat as the gradients are.
  let firstMoment: Tensor
  let secondMoment: Tensor

  /// An optimizer of parameters that train, its moments zero.
  /// - Parameter ranks: the processes that take its steps together.
  public init(_ parameters: Parameters, _ settings: Settings, among ranks: any Communicator = OneProcess()) throws {
    guard let gradients = parameters.gradients else {
      throw TrainingError("nothing of the model trains: it was loaded without room for gradients")
    }
    self.parameters = parameters
    self.gradients = gradients
    self.settings = settings
    self.ranks = ranks
    summed = parameters.summedRanges(among: ranks.count)
    keepsAll = settings.sharding == .none && parameters.shards == nil
    kept = keepsAll ? Array(repeating: [0..<gradients.count], count: ranks.count) : summed
    let (places, wide) = try Self.places(parameters, settings.moments, in: kept[ranks.rank])
    self.places = places
    firstMoment = try Tensor(zeros: [wide])
    secondMoment = try Tensor(zeros: [wide])
  }

  /// Sums the ranks' gradients where this one's moments are, in the order of the ranks. Ranks that keep the model together have done
  /// so layer by layer.
  func reduceGradients() throws {
    guard parameters.shards == nil else { return }
    try ranks.sum(gradients.buffer, owning: summed.map { $0[0] })
    if keepsAll { try ranks.gather(gradients.buffer, owned: summed) }
  }

  /// The Euclidean norm of all gradients together.
  public func gradientNorm() throws -> Double {
    // Summed in fixed pieces, so that the result does not depend on the number of threads.
    let own = summed[ranks.rank].flatMap { range in
      (0..<range.count).chunks(of: 1 << 16).map { $0.lowerBound + range.lowerBound..<$0.upperBound + range.lowerBound }
    }
    var sums = [Double](repeating: 0, count: own.count)
    try sums.withUnsafeMutableBufferPointer { sums in
      nonisolated(unsafe) let sums = sums
      try parallel(sums.count) { pieces in
        for index in pieces {
          parameters.withGradients(own[index]) { sums[index] = ck_sum_of_squares($0, 0, Int64(own[index].count)) }
        }
      }
    }
    return try ranks.gather([sums.reduce(0, +)]).joined().reduce(0, +).squareRoot()
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
    guard parameters.shards == nil else { return parameters.clearGradients(summed[ranks.rank]) }
    if !keepsAll {
      try ranks.gather(parameters.values.buffer, owned: kept.map { $0.flatMap(parameters.values(of:)) })
    }
    parameters.clearGradients([0..<gradients.count])
  }

  /// What is updated at once: all that lies together in float32 where nothing decays, a tensor otherwise.
  private lazy var runs: [Run] = {
    let own = kept[ranks.rank]
    guard settings.weightDecay != 0 || settings.moments != .float32 else {
      // Numbers that are kept have their moments in the same order.
      var place = 0
      return own.flatMap { own in
        parameters.trained.compactMap {
          let gradients = $0.gradients.clamped(to: own)
          guard !gradients.isEmpty else { return nil }
          defer { place += gradients.count }
          let start = $0.values.lowerBound + gradients.lowerBound - $0.gradients.lowerBound
          return Run(
            values: start..<start + gradients.count, gradients: gradients.lowerBound, moments: .wide(place),
            decays: false)
        }
      }
    }
    return places.map { moments in
      let start = moments.entry.offset + moments.part.lowerBound
      return Run(
        values: start..<start + moments.part.count, gradients: moments.gradients.lowerBound + moments.part.lowerBound,
        moments: moments.place, decays: moments.entry.decays)
    }
  }()
}
