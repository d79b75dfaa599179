import Foundation
import ModelFiles

extension LlamaConfig {
  /// What llama.cpp computes otherwise in such a model, which its files cannot say; nil where it computes the same.
  var ggufObstacle: String? {
    biasObstacle ?? scalingObstacle ?? patternObstacle ?? multiplierObstacle
  }

  private var biasObstacle: String? {
    let isKnown = ["llama", "granite"].contains(ggufArchitecture) || modelType == .qwen2 && !outputBias
    return (attentionBias || outputBias || mlpBias) && !isKnown ? "biases" : nil
  }

  private var scalingObstacle: String? {
    switch ropeScaling {
    case .none, .linear, .dynamic: nil
    case .llama3: ggufArchitecture == "llama" ? nil : "rotary scaling llama3"
    case .longrope: ggufArchitecture == "phi3" ? nil : "rotary scaling longrope"
    case .yarn(let yarn):
      !yarn.truncates
        ? "YaRN that does not truncate"
        : abs(yarn.attentionFactor - (1 + 0.1 * log(yarn.factor))) > 1e-6
          ? "an attention factor of \(yarn.attentionFactor) in YaRN" : nil
    }
  }

  /// Which layers slide, or know no positions, is fixed for an architecture.
  private var patternObstacle: String? {
    func slides(butEvery count: Int) -> Bool {
      slidingWindow == nil || attention.indices.allSatisfy { (attention[$0].window != nil) == (($0 + 1) % count != 0) }
    }
    switch modelType {
    case .olmo3: return slides(butEvery: 4) ? nil : "windows in other layers than three of four"
    case .gemma2: return slides(butEvery: 2) ? nil : "windows in other layers than every second"
    case .gemma3: return slides(butEvery: 6) ? nil : "windows in other layers than five of six"
    case .smollm3:
      let isUsual = attention.indices.allSatisfy { (attention[$0].rope == nil) == (($0 + 1) % 4 == 0) }
      return isUsual ? nil : "positions in other layers than three of four"
    case .llama, .mistral, .ministral, .qwen2, .qwen3, .granite, .olmo2, .phi3: return nil
    }
  }

  private var multiplierObstacle: String? {
    guard let scale = multipliers.attention, modelType == .gemma2 || modelType == .gemma3 else { return nil }
    let size = modelType.ggufScaledSize(
      layers: layerCount, hiddenSize: hiddenSize, heads: headCount, headSize: headSize)
    let expected = 1 / Double(size).squareRoot()
    if abs(scale / expected - 1) > 1e-6 { return "a query_pre_attn_scalar that is not the size of a head" }
    if modelType == .gemma2, multipliers.attentionCap == nil || multipliers.logitCap == nil {
      return "a Gemma 2 without caps"
    }
    return modelType == .gemma3 && multipliers.attentionCap != nil ? "caps of the attention's scores" : nil
  }

  /// Whether windows are in a file, and llama.cpp sees to them.
  var ggufKeepsWindows: Bool { ["olmo2", "gemma2", "gemma3"].contains(ggufArchitecture) }

  /// Whether the rows of each head of queries and keys are interleaved: where llama.cpp turns neighbours, and not halves.
  var ggufInterleavesHeads: Bool { WeightFiles.ggufInterleaved.contains(ggufArchitecture) }
}

extension LlamaConfig.ModelType {
  /// The number whose root llama.cpp divides the scores of a Gemma by: the size of a head, but of the largest model, which it
  /// knows by its layers, a head's share of the hidden size.
  func ggufScaledSize(layers: Int, hiddenSize: Int, heads: Int, headSize: Int) -> Int {
    layers == (self == .gemma2 ? 46 : 62) ? hiddenSize / max(1, heads) : headSize
  }
}
