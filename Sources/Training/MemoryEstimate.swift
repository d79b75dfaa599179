import Foundation
import Llama
import ModelFiles

/// What a run will need of the memory, in bytes: an estimate that decides whether layers are computed twice.
public struct MemoryEstimate: Sendable {
  /// Parameters, gradients and two moments, in float32.
  public let parameters: Int
  /// What the forward keeps for the backward.
  public let activations: Int
  /// What one layer needs while it is computed.
  public let workspace: Int
  /// The logits of the scored tokens that are projected at once.
  public let logits: Int

  /// All together.
  public var total: Int { parameters + activations + workspace + logits }

  /// The need of a model for micro-batches of at most `tokens`.
  public init(_ config: LlamaConfig, tokens: Int, keeping: LlamaModel.Keeping) {
    let (D, F) = (config.hiddenSize, config.feedForwardSize)
    let queries = config.headCount * config.headSize
    let qkv = queries + 2 * config.keyHeadCount * config.headSize
    // x, mid, queries, keys and values, the attended values with their log-sum-exps, gate and up.
    let layer = 2 * D + qkv + queries + config.headCount + 2 * F
    parameters = 16 * config.parameters.map { $0.shape.reduce(1, *) }.reduce(0, +)
    activations = 4 * tokens * config.layerCount * (keeping == .everything ? layer : D)
    workspace = 4 * tokens * (5 * D + 3 * F + 2 * qkv + (keeping == .everything ? 0 : layer))
    logits = min(1 << 27, 4 * tokens * config.vocabularySize)
  }

  /// Whether to keep everything or each layer's input only: everything where it fits into most of the free memory.
  public static func keeping(_ config: LlamaConfig, tokens: Int, free: Int = freeMemory) -> LlamaModel.Keeping {
    MemoryEstimate(config, tokens: tokens, keeping: .everything).total < free / 10 * 8 ? .everything : .layerInputs
  }

  /// The bytes that this machine can still give: what the system says is available, or else all that it has.
  public static var freeMemory: Int {
    let text = (try? String(contentsOfFile: "/proc/meminfo", encoding: .utf8)) ?? ""
    let line = text.split(separator: "\n").first { $0.hasPrefix("MemAvailable:") }
    let kibibytes = line?.split(separator: " ").dropFirst().first.flatMap { Int($0) }
    return kibibytes.map { $0 * 1024 } ?? Int(clamping: ProcessInfo.processInfo.physicalMemory)
  }
}

extension MemoryEstimate: CustomStringConvertible {
  /// `about 2.1 GB: 0.9 parameters, 0.8 activations, 0.1 one layer, 0.3 logits`.
  public var description: String {
    func text(_ bytes: Int) -> String { String((Double(bytes) / 1e8).rounded() / 10) }
    return "about \(text(total)) GB: \(text(parameters)) parameters, \(text(activations)) activations, "
      + "\(text(workspace)) one layer at work, \(text(logits)) logits"
  }
}
