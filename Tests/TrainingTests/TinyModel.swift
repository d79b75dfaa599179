import Alignment
import Datasets
import Foundation
import JSON
import Llama
import ModelFiles
import Objectives
import Testing
import Torch
import Training

extension TrainingExample {
  /// The pair with the sums that a reference would have.
  func referenced(chosen: Double, rejected: Double) -> TrainingExample {
    var example = self
    example.columns[.reference] = [[chosen], [rejected]]
    return example
  }
}

/// A random model of a few thousand parameters, and random examples for it.
enum TinyModel {
  static func make(seed: UInt64 = 1, dtype: DType = .float32, ropeScaling: JSON = .null) throws -> LlamaModel {
    let config = try LlamaConfig(json: [
      "model_type": "llama", "vocab_size": 40, "hidden_size": 16, "intermediate_size": 24, "num_hidden_layers": 2,
      "num_attention_heads": 4, "num_key_value_heads": 2, "rms_norm_eps": 1e-5, "max_position_embeddings": 64,
      "tie_word_embeddings": false, "rope_scaling": ropeScaling,
    ])
    var generator = SplitMix64(seed: seed)
    let model = try LlamaModel(untrained: config, deviation: 0.3, using: &generator)
    return try LlamaModel(config: config, parameters: model.parameters, dtype: dtype)
  }

  /// A model some of whose matrices are large enough for narrow moments.
  static func larger(gradientType: DType = .float32, ties: Bool = false) throws -> LlamaModel {
    let config = try LlamaConfig(json: [
      "model_type": "llama", "vocab_size": 80, "hidden_size": 64, "intermediate_size": 96, "num_hidden_layers": 2,
      "num_attention_heads": 4, "num_key_value_heads": 2, "rms_norm_eps": 1e-5, "max_position_embeddings": 64,
      "tie_word_embeddings": .bool(ties),
    ])
    var generator = SplitMix64(seed: 1)
    return try LlamaModel(untrained: config, deviation: 0.05, gradientType: gradientType, using: &generator)
  }

  /// Supervised training of 200 steps.
  static func trainer(
    _ model: LlamaModel, _ moments: AdamW.MomentFormat, weightDecay: Double, microTokens: Int
  ) throws -> Trainer {
    var settings = TrainingSettings()
    settings.learningRate = 1e-3
    settings.microTokens = microTokens
    settings.adam.moments = moments
    settings.adam.weightDecay = weightDecay
    return try Trainer(model: model, objective: SupervisedObjective(), settings: settings, totalSteps: 200)
  }

  /// Pairs whose answers share a prompt of random length, and sometimes more.
  static func pairs(_ count: Int, seed: UInt64 = 2) -> [TrainingExample] {
    var generator = SplitMix64(seed: seed)
    func tokens(_ range: ClosedRange<Int>) -> [Int32] {
      (0..<Int.random(in: range, using: &generator)).map { _ in Int32.random(in: 0..<40, using: &generator) }
    }
    return (0..<count).map { index in
      let prompt = tokens(1...6)
      let opening = tokens(0...2)
      let answers = [tokens(1...7), tokens(1...7)].map { opening + $0 }
      return TrainingExample(
        sequences: answers.map { answer in
          TokenSequence(tokens: prompt + answer, isScored: prompt.map { _ in false } + answer.map { _ in true })
        }, location: RecordLocation(file: "pairs.jsonl", line: index + 1))
    }
  }
}

extension TinyModel {
  /// Expects of each tensor's steepest number that the gradient which a pass has left there is the slope of its loss.
  static func expectSlopes(
    _ model: LlamaModel, of pass: BatchPass, on examples: [TrainingExample], within tolerance: Double
  )
    throws
  {
    for entry in model.parameters.layout.entries {
      let (value, gradient) = (model.parameters.value(entry), try #require(model.parameters.gradient(entry)).array)
      let place = try #require(gradient.indices.max { abs(gradient[$0]) < abs(gradient[$1]) })
      let (old, step) = (value.floats[place], Float(1e-2))
      func loss(_ number: Float) throws -> Double {
        value.floats[place] = number
        defer { value.floats[place] = old }
        return try pass.evaluate(examples).loss
      }
      let slope = try (loss(old + step) - loss(old - step)) / Double(2 * step)
      #expect(
        abs(slope - Double(gradient[place])) < tolerance * max(0.05, abs(slope)),
        "\(entry.name): \(slope), \(gradient[place])")
    }
  }
}

extension TinyModel {
  /// Expects that the losses of 200 steps fall by half at least, and those of another trainer on the same batches with them.
  static func expectLosses(
    of narrow: Trainer, near wide: Trainer, on batch: (Int) -> [TrainingExample],
    _ location: SourceLocation = #_sourceLocation
  ) throws {
    var (largest, first, last) = (0.0, 0.0, 0.0)
    for step in 0..<200 {
      let (expected, loss) = (try wide.step(on: batch(step)).result.loss, try narrow.step(on: batch(step)).result.loss)
      if step == 0 { first = expected }
      last = expected
      largest = max(largest, abs(loss - expected) / expected)
    }
    #expect(
      largest < 0.05, "\(largest) of the loss, which went from \(first) to \(last)", sourceLocation: location)
    #expect(last < first / 2, sourceLocation: location)
  }
}
