import Alignment
import Datasets
import JSON
import Llama
import ModelFiles
import Objectives
import Torch
import Training

extension ClusterPlan {
  /// Floating-point operations that this process does in a second, as `operations` counts them.
  ///
  /// A model of two layers of this width and a part of the vocabulary passes forward and back with one example, in float32 and with
  /// all weights; the fastest pass counts. The example is as long as may be computed at once, or as 5 · 10¹¹ operations allow.
  /// - Parameter seconds: how long it passes, at least; twice in any case.
  /// - Throws: `TrainingError` where this machine has no memory for two layers.
  public func measuredRate(seconds: Double = 2) throws -> Double {
    let shape = try smallShape()
    let layout = ParameterLayout(shape)
    guard layout.count < SystemMemory.available / 10 else {
      throw TrainingError(
        "two layers of this model are too large for this machine's memory; measure on a rank's, or give the rate")
    }
    let tokens = max(2, min(longest, microTokens, 500_000_000_000 / 6 / layout.count))
    let parameters = try Parameters(layout: layout, training: true)
    parameters.values.buffer.update(repeating: 0.01)
    let pass = BatchPass(
      model: try LlamaModel(config: shape, parameters: parameters), objective: SupervisedObjective(),
      microTokens: tokens)
    let sequence = TokenSequence(
      tokens: (0..<tokens).map { Int32($0 % shape.vocabularySize) }, isScored: Array(repeating: true, count: tokens))
    let example = TrainingExample(sequences: [sequence], location: RecordLocation(file: "measured", line: 1))
    let (start, weight) = (ContinuousClock.now, pass.weight(of: [example]))
    var (fastest, count) = (Double.infinity, 0)
    // The first pass is also the first to touch its memory.
    while count < 2 || ContinuousClock.now - start < .seconds(seconds) {
      count += 1
      let begun = ContinuousClock.now
      _ = try pass.train([example], weight: weight)
      fastest = min(fastest, (ContinuousClock.now - begun) / .seconds(1))
    }
    var plan = ClusterPlan(shape, memory: .max / 16)
    (plan.longest, plan.tokensPerStep, plan.microTokens) = (tokens, tokens, tokens)
    return plan.operations / fastest
  }

  /// The model's shape with two of its layers and 8192 tokens.
  private func smallShape() throws -> LlamaConfig {
    let layers = min(2, config.layerCount)
    // What a family says of each layer is a list of as many as there are.
    var shape = (config.json.object ?? [:]).mapValues { value in
      guard let list = value.array, list.count == config.layerCount else { return value }
      return JSON.array(Array(list.prefix(layers)))
    }
    shape["num_hidden_layers"] = .integer(layers)
    shape["vocab_size"] = .integer(min(8192, config.vocabularySize))
    return try LlamaConfig(json: .object(shape))
  }
}
