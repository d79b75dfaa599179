import Foundation
import JSON
import Llama
import ModelFiles
import TestSupport
import Testing
import Torch

/// Tiny models of each family, in the shape of a published configuration, against PyTorch. Their batch reaches beyond windows and
/// the positions of a first training.
@Suite struct FamilyTests {
  @Test(arguments: Checkout.families, Kernels.available)
  func logitsLossAndGradients(name: String, kernels: Kernels) throws {
    try Kernels.$current.withValue(kernels) {
      for keeping in [LlamaModel.Keeping.everything, .activations(recomputing: 1)] {
        let fixture = Fixture("families/" + name)
        let (model, json, expected) = (try fixture.model(), try fixture.json("case"), try fixture.tensors("expected"))
        let batch = try batch(json)
        let (hidden, activations) = try model.forward(batch, keeping: keeping)
        expectClose(try model.logits(hidden).array, try #require(expected["logits"]).floats(), "logits")

        let scored = batch.scored.flatMap { $0 }
        let scores = try model.vocabularyHead.forward(scored, hidden: hidden)
        let mean = -scores.values.map(Double.init).reduce(0, +) / Double(scored.count)
        #expect(abs(mean - (try #require(json["loss"]?.double))) < 1e-5)

        let hiddenGradient = try Tensor(zeros: hidden.shape)
        try scores.backward([Float](repeating: -1 / Float(scored.count), count: scored.count), hiddenGradient)
        try model.backward(hiddenGradient, activations)
        for entry in model.parameters.layout.entries {
          let gradient = try #require(model.parameters.gradient(entry)).array
          expectClose(gradient, try #require(expected["gradients." + entry.name]).floats(), "\(name) \(entry.name)")
        }
        #expect(expected.keys.count { $0.hasPrefix("gradients.") } == model.parameters.layout.entries.count)
      }
    }
  }

  @Test(arguments: Checkout.families) func shortSequences(name: String) throws {
    let fixture = Fixture("families/" + name)
    let tokens = try #require(fixture.json("case")["input_ids"]).tokenRows[0].prefix(9)
    let model = try fixture.model()
    let (hidden, _) = try model.forward(PackedBatch(tokens: Array(tokens)), keeping: .nothing)
    expectClose(
      try model.logits(hidden).array, try #require(fixture.tensors("expected")["short"]).floats(), "\(name) short")
  }

  /// Two answers to a prompt, computed once for both, are what they are as two sequences.
  @Test(arguments: Checkout.families, Kernels.available)
  func sharedPromptEqualsTwoSequences(name: String, kernels: Kernels) throws {
    try Kernels.$current.withValue(kernels) {
      let fixture = Fixture("families/" + name)
      let row = try #require(fixture.json("case")["input_ids"]).tokenRows[0]
      // As long as one another, since the longest of a segment decides how it turns.
      let sequences = [row, row.prefix(21) + row.suffix(13).map { ($0 + 1) % 40 }].map {
        TokenSequence(tokens: Array($0), isScored: $0.indices.map { $0 >= 21 })
      }
      func gradients(_ segments: [[TokenSequence]]) throws -> [Float] {
        let model = try fixture.model()
        var batch = PackedBatch()
        for segment in segments { batch.append(segment) }
        let (hidden, activations) = try model.forward(
          batch, keeping: .everything, reading: batch.scored.flatMap { $0 })
        let scores = try model.vocabularyHead(temperature: 0.7).forward(batch.scored.flatMap { $0 }, hidden: hidden)
        let hiddenGradient = try Tensor(zeros: hidden.shape)
        try scores.backward(scores.values.indices.map { Float($0 % 5) - 2 }, hiddenGradient)
        try model.backward(hiddenGradient, activations)
        return scores.values + (try #require(model.parameters.gradients)).array
      }
      expectClose(try gradients([sequences]), try gradients(sequences.map { [$0] }), "\(name) shared")
    }
  }

  /// What is written has the names and numbers of what was read.
  @Test(arguments: Checkout.families) func savedAsPublished(name: String) throws {
    let fixture = Fixture("families/" + name)
    let stored = try ModelFolder(fixture.folder).openWeights()
    let written = try fixture.model().outputTensors(.float32)
    #expect(Set(written.map(\.name)) == Set(stored.names))
    for tensor in written { #expect(tensor.shape == (try stored.tensor(tensor.name)).shape) }
  }

  /// A low-rank update that has learned nothing changes nothing, and has a gradient in every matrix.
  @Test(arguments: Checkout.families) func adapters(name: String) throws {
    let fixture = Fixture("families/" + name)
    let folder = try ModelFolder(fixture.folder)
    let targets = Set(
      folder.config.architecture.adaptable.compactMap { $0.module.split(separator: ".").last.map(String.init) })
    var generator = SystemRandomNumberGenerator()
    let adapter = try Adapter(
      AdapterConfig(base: nil, rank: 2, alpha: 4, targets: targets.sorted()), of: folder.config, using: &generator)
    let parameters = try LlamaModel(folder, training: false).parameters
    let model = try LlamaModel(config: folder.config, parameters: parameters, adapter: adapter)
    let batch = try batch(fixture.json("case"))
    let (hidden, activations) = try model.forward(batch, keeping: .everything)
    expectClose(try model.logits(hidden).array, try #require(fixture.tensors("expected")["logits"]).floats(), "logits")
    let scores = try model.vocabularyHead.forward(batch.scored.flatMap { $0 }, hidden: hidden)
    let hiddenGradient = try Tensor(zeros: hidden.shape)
    try scores.backward(scores.values.map { _ in -1 }, hiddenGradient)
    try model.backward(hiddenGradient, activations)
    for entry in adapter.parameters.layout.entries where entry.name.contains("lora_B") {
      #expect(try #require(adapter.parameters.gradient(entry)).array.contains { $0 != 0 }, "\(entry.name)")
    }
  }

  private func batch(_ json: JSON) throws -> PackedBatch {
    var batch = PackedBatch()
    for (tokens, mask) in zip(try #require(json["input_ids"]).tokenRows, try #require(json["mask"]).tokenRows) {
      batch.append([TokenSequence(tokens: tokens, isScored: mask.map { $0 == 1 })])
    }
    return batch
  }
}
