import Alignment
import Datasets
import Foundation
import JSON
import Llama
import ModelFiles
import Objectives
import TestSupport
import Testing
import Torch

@testable import Training

@Suite struct RewardModelTests {
  /// Ten steps that TRL's RewardTrainer recorded on a small published model.
  @Test(
    .enabled(if: Checkout.hasStories, "no shared/real/stories260K beside the package"),
    arguments: Checkout.records(in: "gold/reward"))
  func recordedRunsOfTRL(name: String) throws {
    let folder = Checkout.shared("gold/reward")
    let record = try JSON(file: folder.appending(path: "\(name).json"))
    let base = try ModelFolder(Checkout.stories)
    var generator = SplitMix64(seed: 1)
    let model = try LlamaModel(
      scoring: base, as: base.config.scoring(.text(labels: 1), padTokenID: 0), training: true, using: &generator)
    try set("score.weight", of: model, to: folder.appending(path: "initial_score.safetensors"))

    let pairs = try #require(record["pairs"]?.array).enumerated().map { index, pair in
      var example = TrainingExample(
        sequences: ["chosen", "rejected"].map { side in
          let tokens = (pair[side]?.array ?? []).compactMap { $0.int.map(Int32.init) }
          return TokenSequence(tokens: tokens, isScored: tokens.map { _ in true })
        }, location: RecordLocation(file: "pairs", line: index + 1))
      if let margin = pair["margin"]?.double { example.columns[.margin] = [[margin], [0]] }
      return example
    }
    var settings = TrainingSettings()
    settings.learningRate = try #require(record["learning_rate"]?.double)
    settings.warmupRatio = 0
    settings.batchSize = try #require(record["batch"]?.int)
    let steps = try #require(record["steps"]?.int)
    var source = ShuffledExamples(
      pairs, batchSize: settings.batchSize, epochs: 2, seed: nil, maxSteps: steps)
    let trainer = try Trainer(
      model: model, head: model.scoreHead(),
      objective: RewardObjective(centering: record["center_rewards_coefficient"]?.double ?? 0), settings: settings,
      totalSteps: steps)
    for expected in try #require(record["log_history"]?.array).prefix(steps) {
      let step = try trainer.step(on: source.batch(after: trainer.stepCount).examples)
      func expect(_ key: String, _ value: Double?, relative: Double, absolute: Double = 0) throws {
        let (value, recorded) = (try #require(value), try #require(expected[key]?.double))
        #expect(
          abs(value - recorded) <= relative * abs(recorded) + absolute,
          "\(name) step \(step.number) \(key): \(value), TRL \(recorded)")
      }
      try expect("loss", step.result.loss, relative: 1e-4)
      try expect("grad_norm", step.gradientNorm, relative: 1e-4)
      try expect("learning_rate", step.learningRate, relative: 1e-12)
      for key in ["accuracy", "margin", "min_reward", "mean_reward", "max_reward"] {
        try expect(key, step.result.metrics[key], relative: 1e-4, absolute: 1e-5)
      }
    }
    for tensor in try SafetensorsFile(folder.appending(path: "\(name)_final.safetensors")).tensors {
      guard let entry = model.parameters.layout[tensor.name] else { continue }
      let (actual, expected) = (model.parameters.value(entry).array, try tensor.floats())
      #expect(difference(actual, expected) < 1e-5, "\(name) \(tensor.name)")
    }
  }

  private func set(_ name: String, of model: LlamaModel, to file: URL) throws {
    let entry = try #require(model.parameters.layout[name])
    let numbers = try #require(SafetensorsFile(file).tensors.first).floats()
    try #require(numbers.count == entry.count)
    model.parameters.value(entry).floats.update(from: numbers, count: entry.count)
  }

  /// The relative distance of two vectors.
  private func difference(_ actual: [Float], _ expected: [Float]) -> Double {
    func norm(_ numbers: [Double]) -> Double { numbers.reduce(0) { $0 + $1 * $1 }.squareRoot() }
    return norm(zip(actual, expected).map { Double($0 - $1) }) / norm(expected.map(Double.init))
  }

  /// A pair's rewards and gradients are the same alone, beside others, and where the prompt is computed for each side.
  @Test func rewardsDoNotDependOnPacking() throws {
    let pairs = TinyModel.pairs(7)
    let apart = pairs.map { pair in pair.sequences.map { TrainingExample(sequences: [$0], location: pair.location) } }
    let model = try TinyModel.scoring()
    func pass(_ microTokens: Int) throws -> BatchPass {
      try BatchPass(
        model: model, head: model.scoreHead(), objective: RewardObjective(centering: 0.1), microTokens: microTokens)
    }
    let rewards = try pass(1000).values(pairs[...])
    for (index, sides) in apart.enumerated() {
      for (side, example) in sides.enumerated() {
        let alone = try pass(1000).values([example][...])[0][0][0]
        #expect(abs(alone - rewards[index][side][0]) < 1e-6)
      }
    }
    func gradient(_ microTokens: Int) throws -> [Float] {
      let gradients = try #require(model.parameters.gradients)
      gradients.fillWithZeros()
      _ = try pass(microTokens).train(pairs, weight: Double(pairs.count))
      return gradients.array
    }
    let whole = try gradient(1000)
    #expect(whole.contains { $0 != 0 })
    #expect(difference(try gradient(1), whole) < 1e-5)
  }

  /// Finite differences through model and score.
  @Test func gradientsAreThoseOfTheLoss() throws {
    let pairs = TinyModel.pairs(3, seed: 5)
    let model = try TinyModel.scoring()
    let pass = try BatchPass(
      model: model, head: model.scoreHead(), objective: RewardObjective(centering: 0.05), microTokens: 1000)
    _ = try pass.train(pairs, weight: 3)
    try TinyModel.expectSlopes(model, of: pass, on: pairs, within: 2e-3)
  }
}

extension TinyModel {
  /// The random model under a random score.
  static func scoring() throws -> LlamaModel {
    let base = try make()
    let config = base.config.scoring(.text(labels: 1), padTokenID: nil)
    var generator = SplitMix64(seed: 9)
    return try LlamaModel(untrained: config, deviation: 0.3, using: &generator)
  }
}
