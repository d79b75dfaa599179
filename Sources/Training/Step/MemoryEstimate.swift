import Alignment
import Llama
import ModelFiles
import Torch
import Wording

/// What an adapter's training asks of the memory.
public struct AdapterSize: Sendable {
  /// The numbers that train.
  public let parameterCount: Int
  /// The bytes of the weights that they leave as they are.
  public let baseBytes: Int

  /// An adapter of so many numbers beside a base of so many bytes.
  public init(parameterCount: Int, baseBytes: Int) {
    (self.parameterCount, self.baseBytes) = (parameterCount, baseBytes)
  }
}

/// What a run will need of the memory, in bytes: an estimate that decides how many layers are computed twice.
public struct MemoryEstimate: Sendable {
  /// Parameters and gradients in float32, two moments, and a moving reference. Frozen parameters have neither gradient nor moment.
  public let parameters: Int
  /// Before that, while another model scores the data: parameters, gradients, and that model's parameters; 0 without one.
  public let scoring: Int
  /// What the forward keeps for the backward.
  public let activations: Int
  /// What one layer needs while it is computed.
  public let workspace: Int
  /// The logits of the scored tokens that are projected at once.
  public let logits: Int

  /// What stays in memory besides: models that score, and caches of answers.
  public let beside: Int

  /// The layers that are computed again for the backward of the longest example.
  public let recomputedLayers: Int

  /// All that is needed at once.
  public var total: Int { max(parameters + activations, scoring) + workspace + logits + beside }

  /// The need of a model for micro-batches of `microTokens` tokens, or for an example of `longest` where that is more, whose
  /// activations are to take at most `activationBytes`.
  /// - Parameters:
  ///   - reference: the model that scores the data before, where it is another.
  ///   - moments: how the optimizer keeps its own.
  ///   - withReference: whether a reference moves with the model, and so stays in memory.
  ///   - beside: the bytes of what else does.
  ///   - adapter: what trains while the model's own parameters are frozen; nil without one.
  public init(
    _ config: LlamaConfig, reference: LlamaConfig? = nil, microTokens: Int, longest: Int = 0,
    activationBytes: Int = .max, moments: AdamW.MomentFormat = .float32, withReference: Bool = false, beside: Int = 0,
    adapter: AdapterSize? = nil
  ) {
    self.beside = beside
    let memory = ActivationMemory(config)
    let tokens = max(microTokens, longest)
    recomputedLayers = memory.recomputedLayers(tokens: tokens, budget: activationBytes)
    let count = config.architecture.parameterCount
    let trained = adapter.map { $0.baseBytes + 8 * $0.parameterCount } ?? 8 * count
    parameters = trained + (withReference ? 4 * count : 0) + moments.byteCount(adapter?.parameterCount ?? count)
    scoring = reference.map { trained + 4 * $0.architecture.parameterCount } ?? 0
    activations = memory.kept(tokens: tokens, recomputing: recomputedLayers)
    workspace = memory.workspace(tokens: tokens)
    let width = config.head.labels ?? config.vocabularySize
    logits = 4 * min(tokens, BatchPass.logitRows(microTokens: microTokens)) * width
  }

  /// The bytes for activations, as `ActivationMemory` counts them, that a run should keep to: what `microTokens` tokens need
  /// where no layer is computed twice, or what most of the free memory has room for. So memory does not follow the length of
  /// the data.
  public static func activationBudget(
    _ config: LlamaConfig, microTokens: Int, free: Int = SystemMemory.available,
    moments: AdamW.MomentFormat = .float32, withReference: Bool = false, beside: Int = 0,
    adapter: AdapterSize? = nil
  ) -> Int {
    let estimate = MemoryEstimate(
      config, microTokens: microTokens, moments: moments, withReference: withReference, beside: beside,
      adapter: adapter)
    return min(
      estimate.activations + estimate.workspace, free / 10 * 8 - estimate.parameters - estimate.logits - beside)
  }
}

extension MemoryEstimate {
  /// Finds that a run does not fit before anything is loaded.
  /// - Parameter free: the bytes that there are.
  /// - Throws: `TrainingError` with the sum, its parts and what would help.
  public func requireRoom(in free: Int = SystemMemory.available) throws {
    guard total > free else { return }
    let remedy: Wording =
      max(parameters, scoring) + beside <= free
      ? "a smaller \(setting: "micro-tokens") needs less"
      : "a smaller \(parameters > free ? "model" : "reference") needs less, or end other programs"
    throw TrainingError(
      "training needs \(self), and this machine has \(Self.gigabytes(free)) GB to give; " + remedy)
  }
}

extension MemoryEstimate: CustomStringConvertible {
  /// `about 2.1 GB: 0.9 parameters, 0.8 activations, 0.1 one layer, 0.3 logits`.
  public var description: String {
    let text = Self.gigabytes
    let held =
      scoring > parameters + activations
      ? "\(text(scoring)) parameters with the reference's"
      : "\(text(parameters)) parameters, \(text(activations)) activations"
    let others = beside > 0 ? ", \(text(beside)) other models and caches" : ""
    return "about \(text(total)) GB: \(held), \(text(workspace)) one layer at work, \(text(logits)) logits\(others)"
  }

  private static func gigabytes(_ bytes: Int) -> String {
    String((Double(bytes) / 1e8).rounded() / 10)
  }
}
