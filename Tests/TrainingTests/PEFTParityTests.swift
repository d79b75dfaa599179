import Alignment
import Foundation
import Llama
import ModelFiles
import Objectives
import TestSupport
import Testing
import Torch

@testable import Training

/// Adapters against PEFT: whole runs that TRL made with it, 20 steps in float32 on the same tokens in the same order, of a model that ties
/// its embeddings.
@Suite struct PEFTParityTests {
  private static func folder(_ run: String, _ part: String) throws -> ModelFolder {
    try ModelFolder(TRLRun.fixtures.appending(path: "\(run)/\(part)"))
  }

  private static func model(
    _ run: String, _ part: String, keeping format: FrozenFormat = .float32
  ) throws -> LlamaModel {
    let folder = try folder(run, part)
    var generator = SystemRandomNumberGenerator()
    return try LlamaModel(adapting: folder, by: #require(folder.adapter).config, keeping: format, using: &generator)
  }

  /// The second has ranks and scales of its own, by α/√r, for some matrices; and its reference is the adapter as it began.
  @Test(arguments: ["lora-dpo", "lora-dpo-patterns"], Kernels.available)
  func preferences(name: String, kernels: Kernels) throws {
    try Kernels.$current.withValue(kernels) {
      let (run, model) = (try TRLRun(name), try Self.model(name, "begin"))
      let settings = try run.settings()
      try expectSameCourse(
        run, model, TRLRun.referencedPairs(model, settings), PreferenceObjective(.sigmoid, beta: run.number("beta")),
        settings)
    }
  }

  /// QLoRA: the base as bitsandbytes quantized it, whose products are float32's on either side, kept so or widened.
  @Test(arguments: [FrozenFormat.nf4, .float32], Kernels.available)
  func preferencesBesideNF4(format: FrozenFormat, kernels: Kernels) throws {
    try Kernels.$current.withValue(kernels) {
      let (run, model) = (try TRLRun("qlora-dpo"), try Self.model("qlora-dpo", "begin", keeping: format))
      let settings = try run.settings()
      try expectSameCourse(
        run, model, TRLRun.referencedPairs(model, settings), PreferenceObjective(.sigmoid, beta: run.number("beta")),
        settings)
    }
  }

  @Test(arguments: Kernels.available) func supervision(kernels: Kernels) throws {
    try Kernels.$current.withValue(kernels) {
      let (run, model) = (try TRLRun("lora-sft"), try Self.model("lora-sft", "begin"))
      try expectSameCourse(run, model, TRLRun.conversations(), SupervisedObjective(), run.settings())
    }
  }

  /// TRL's RewardTrainer: the score is trained beside the adapter, and saved with it.
  @Test(arguments: Kernels.available) func rewards(kernels: Kernels) throws {
    try Kernels.$current.withValue(kernels) {
      let (run, model) = (try TRLRun("lora-reward"), try Self.model("lora-reward", "begin"))
      try expectSameCourse(
        run, model, TRLRun.pairs(), RewardObjective(centering: run.number("center_rewards_coefficient")),
        run.settings(),
        head: model.scoreHead())
    }
  }

  /// A folder that PEFT wrote gives its rewards here: merged, and beside frozen weights in any format that changes none of them.
  @Test func rewardsOfPEFTsFolder() throws {
    let (run, folder) = (try TRLRun("lora-reward"), try Self.folder("lora-reward", "end"))
    #expect(folder.config.head == .text(labels: 1))
    let expected = try #require(run.json["rewards"]?.array).flatMap { ($0.array ?? []).compactMap(\.double) }
    let sequences = try TRLRun.pairs().map(\.sequences)
    let rewards = try RewardModel(folder).rewards(of: sequences).joined()
    #expect(rewards.count == expected.count && expected.count == 60)
    for (reward, expected) in zip(rewards, expected) { #expect(abs(Double(reward) - expected) < 1e-5) }
    let rounded = try RewardModel(folder, keeping: .bfloat16).rewards(of: sequences).joined()
    for (reward, expected) in zip(rounded, expected) { #expect(abs(Double(reward) - expected) < 0.02) }
    #expect(Array(rounded) != Array(rewards))
  }

  private func expectSameCourse(
    _ run: TRLRun, _ model: LlamaModel, _ examples: [TrainingExample], _ objective: any Objective,
    _ settings: TrainingSettings, head: (any Head)? = nil
  ) throws {
    var source = ShuffledExamples(examples, settings)
    let frozen = model.parameters.values.array
    let trainer = try Trainer(
      model: model, head: head, objective: objective, settings: settings, totalSteps: source.totalSteps)
    let steps = try #require(run.json["steps"]?.array)
    #expect(steps.count == 20 && source.totalSteps == 20)
    for step in steps {
      let actual = try trainer.step(on: source.batch(after: trainer.stepCount).examples)
      for (key, value) in [
        ("loss", actual.result.loss), ("grad_norm", actual.gradientNorm), ("learning_rate", actual.learningRate),
      ] {
        let expected = try #require(step[key]?.double)
        #expect(
          abs(value - expected) <= 1e-4 * expected,
          "\(run.name) step \(actual.number) \(key): \(value), TRL \(expected)")
      }
    }
    let end = try #require(Self.folder(run.name, "end").adapter).tensors
    #expect(end.count == model.trained.layout.entries.count)
    for tensor in end {
      let entry = try #require(model.trained.layout[tensor.name])
      expectClose(model.trained.value(entry).array, try tensor.floats(), 1e-5, tensor.name)
    }
    #expect(model.parameters.values.array == frozen && model.parameters.gradients == nil)
  }

  /// What PEFT trained answers here with its own logits: beside the weights, and merged into them.
  @Test(arguments: ["lora-dpo", "lora-dpo-patterns", "lora-sft", "qlora-dpo"]) func logits(name: String) throws {
    let file = try SafetensorsFile(TRLRun.fixtures.appending(path: "\(name)/logits.safetensors"))
    let expected = try #require(file.tensors.first).floats()
    let tokens: [Int32] = [1, 40, 90, 17, 200, 33, 250, 5]
    for model in [try Self.model(name, "end"), try LlamaModel(Self.folder(name, "end"), training: false)] {
      var batch = PackedBatch()
      batch.append([TokenSequence(tokens: tokens, isScored: tokens.map { _ in true })])
      let logits = try model.logits(model.forward(batch, keeping: .nothing).hidden)
      expectClose(logits.array, expected, 1e-6, "logits")
    }
    // PEFT quantizes what it merges into a quantized base again.
    guard name != "qlora-dpo" else { return }
    let merged = try LlamaModel(Self.folder(name, "end"), training: false)
    for tensor in try SafetensorsFile(TRLRun.fixtures.appending(path: "\(name)/merged.safetensors")).tensors {
      let entry = try #require(merged.parameters.layout[tensor.name])
      expectClose(merged.parameters.value(entry).array, try tensor.floats(), 1e-6, tensor.name)
    }
  }

  private func expectClose(_ actual: [Float], _ expected: [Float], _ bound: Double, _ name: String) {
    let difference = zip(actual, expected).map { pow(Double($0 - $1), 2) }.reduce(0, +).squareRoot()
    let size = expected.map { pow(Double($0), 2) }.reduce(0, +).squareRoot()
    #expect(actual.count == expected.count && difference < bound * size, "\(name): relative error \(difference / size)")
  }
}
