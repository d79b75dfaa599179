import Alignment
import Collectives
import Llama
import ModelFiles
import Objectives
import Torch
import Wording

/// A reference that follows the policy (TR-DPO: Gorbatovski et al. 2024, arXiv 2404.09656): after every so many steps its weights
/// become α times the policy's and 1 − α times their own, the soft update; α = 1 is the hard one. What it says of a batch is
/// computed at each step. Where an adapter trains, it is the numbers of that which move, A and B by themselves.
public final class MovingReference {
  /// How it moves.
  public struct Settings: Sendable, Equatable {
    /// The steps between two moves.
    public let steps: Int
    /// The policy's share in what it becomes (α).
    public let alpha: Double

    /// Moves after every `steps` steps.
    public init(steps: Int, alpha: Double) { (self.steps, self.alpha) = (steps, alpha) }
  }

  private let model: LlamaModel
  private let policy: LlamaModel
  private let settings: Settings
  private let scores: ReferenceScores
  private let withShared: Bool

  /// A reference that begins as it was loaded.
  /// - Parameters:
  ///   - withShared: whether sums as far as the shorter answer goes are wanted too.
  ///   - ranks: the processes that share the work.
  /// - Throws: `TrainingError` where the two models have other shapes.
  public init(
    _ model: LlamaModel, following policy: LlamaModel, _ settings: Settings, microTokens: Int, withShared: Bool = false,
    among ranks: any Communicator = OneProcess()
  ) throws {
    let layouts = [model, policy].map { $0.trained.layout.entries.map { ($0.name, $0.range) } }
    guard layouts[0].elementsEqual(layouts[1], by: ==) else {
      throw TrainingError(
        "\(setting: "reference") has another shape than \(setting: "model") and cannot follow it; leave "
          + "\(setting: "reference-sync-steps") out")
    }
    (self.model, self.policy, self.settings, self.withShared) = (model, policy, settings, withShared)
    scores = ReferenceScores(
      pass: BatchPass(model: model, objective: SupervisedObjective(), microTokens: microTokens, among: ranks),
      cache: nil)
  }

  /// Examples with what it says of them now.
  func scored(_ examples: [TrainingExample]) throws -> [TrainingExample] {
    var answers = examples.map { $0.scoringAnswers() }
    try scores.add(to: &answers, in: [Array(answers.indices)], withShared: withShared) { _ in }
    return zip(examples, answers).map { example, answers in
      var example = example
      example.columns.merge(answers.columns) { $1 }
      return example
    }
  }

  /// Moves, where it is time to.
  func follow(after step: Int) throws {
    guard step.isMultiple(of: settings.steps) else { return }
    model.trained.beginUpdate()
    let (own, other) = (model.trained.values, policy.trained.values)
    let (kept, taken) = (Float(1 - settings.alpha), Float(settings.alpha))
    for range in model.trained.kept {
      try parallel(range.count, grain: 1 << 14) { part in
        for place in part.lowerBound + range.lowerBound..<part.upperBound + range.lowerBound {
          own.floats[place] = own.floats[place] * kept + other.floats[place] * taken
        }
      }
    }
  }

  /// Its weights, as a checkpoint has them.
  var outputTensors: [OutputTensor] { model.outputTensors(.float32) }

  /// Sends the first rank what it writes of them.
  func sendWeights() throws { try model.sendWeights() }

  /// Takes the weights of a checkpoint.
  func restore(_ tensors: [StoredTensor]) throws { try model.restore(tensors, of: "the reference") }
}

extension LlamaModel {
  /// Takes the weights that a checkpoint holds of a model.
  /// - Parameter owner: whose they are, for errors.
  func restore(_ tensors: [StoredTensor], of owner: String) throws {
    let stored = Dictionary(tensors.map { ($0.name, $0) }) { $1 }
    trained.beginUpdate()
    for entry in trained.layout.entries {
      guard let tensor = stored[entry.name], tensor.shape == entry.shape else {
        throw TrainingError("\(owner)'s \(entry.name) is missing or of another model")
      }
      try tensor.readFloats(into: trained.value(entry).buffer)
      trained.release(entry.range)
    }
  }
}
