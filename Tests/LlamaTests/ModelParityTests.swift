import JSON
import Llama
import ModelFiles
import TestSupport
import Testing
import Torch

/// The whole model against PyTorch.
@Suite struct ModelParityTests {
  static let models = ["grouped", "biased", "biases", "normed"]

  @Test(arguments: models, Kernels.available) func logitsLossAndGradients(name: String, kernels: Kernels) throws {
    try Kernels.$current.withValue(kernels) {
      for scoredOnly in [false, true] { try expectLogitsLossAndGradients(name, scoredOnly) }
    }
  }

  private func expectLogitsLossAndGradients(_ name: String, _ scoredOnly: Bool) throws {
    let fixture = Fixture(name)
    let (model, loss, expected) = (try fixture.model(), try fixture.json("loss"), try fixture.tensors("loss"))
    let rows = try #require(loss["input_ids"]).tokenRows
    let masks = try #require(loss["mask"]).tokenRows
    var batch = PackedBatch()
    for (tokens, mask) in zip(rows, masks) {
      batch.append([TokenSequence(tokens: tokens, isScored: mask.map { $0 == 1 })])
    }
    let (hidden, activations) = try model.forward(
      batch, keeping: .everything, reading: scoredOnly ? batch.scored.flatMap { $0 } : nil)
    if !scoredOnly {
      expectClose(try model.logits(hidden).array, try #require(expected["logits"]).floats(), "logits")
    }

    let scored = batch.scored.flatMap { $0 }
    let scores = try model.vocabularyHead.forward(scored, hidden: hidden)
    let mean = -scores.values.map(Double.init).reduce(0, +) / Double(scored.count)
    #expect(abs(mean - (try #require(loss["loss"]?.double))) < 1e-5)

    let hiddenGradient = try Tensor(zeros: hidden.shape)
    let coefficients = [Float](repeating: -1 / Float(scored.count), count: scored.count)
    try scores.backward(coefficients, hiddenGradient)
    try model.backward(hiddenGradient, activations)
    try expectGradients(model, try fixture.tensors("gradients"))
  }

  @Test(arguments: models, [false, true]) func recomputingChangesNoBit(name: String, scoredOnly: Bool) throws {
    let fixture = Fixture(name)
    let tokens = try #require(fixture.json("loss")["input_ids"]).tokenRows
    var batch = PackedBatch()
    for tokens in tokens { batch.append([TokenSequence(tokens: tokens, isScored: tokens.map { $0 % 2 == 0 })]) }
    func gradients(_ keeping: LlamaModel.Keeping) throws -> [Float] {
      let model = try fixture.model()
      let (hidden, activations) = try model.forward(
        batch, keeping: keeping, reading: scoredOnly ? batch.scored.flatMap { $0 } : nil)
      let scores = try model.vocabularyHead.forward(batch.scored.flatMap { $0 }, hidden: hidden)
      let hiddenGradient = try Tensor(zeros: hidden.shape)
      try scores.backward(scores.values.map { _ in -1 }, hiddenGradient)
      try model.backward(hiddenGradient, activations)
      return try #require(model.parameters.gradients).array
    }
    let everything = try gradients(.everything)
    let layerCount = try fixture.model().config.layerCount
    for recomputed in 1...layerCount { #expect(try gradients(.activations(recomputing: recomputed)) == everything) }
  }

  @Test(arguments: models, Kernels.available) func sharedPromptEqualsTwoSequences(
    name: String, kernels: Kernels
  ) throws {
    try Kernels.$current.withValue(kernels) {
      for scoredOnly in [false, true] { try expectSharedPromptEqualsTwoSequences(name, scoredOnly) }
    }
  }

  private func expectSharedPromptEqualsTwoSequences(_ name: String, _ scoredOnly: Bool) throws {
    let fixture = Fixture(name)
    let (model, shared) = (try fixture.model(), try fixture.json("shared"))
    let expected = try fixture.tensors("shared")
    let prompt = try #require(shared["prompt"]).tokens
    let answers = try ["chosen", "rejected"].map { try #require(shared[$0]).tokens }
    var batch = PackedBatch()
    batch.append(
      answers.map { answer in
        TokenSequence(
          tokens: prompt + answer,
          isScored: prompt.map { _ in false } + answer.map { _ in true })
      })
    #expect(batch.tokens.count == prompt.count + answers.map(\.count).reduce(0, +))

    let (hidden, activations) = try model.forward(
      batch, keeping: .everything, reading: scoredOnly ? batch.scored.flatMap { $0 } : nil)
    let hiddenGradient = try Tensor(zeros: hidden.shape)
    for (scored, side) in zip(batch.scored, ["chosen", "rejected"]) {
      let scores = try model.vocabularyHead.forward(scored, hidden: hidden)
      expectClose(scores.values, try #require(expected["logps.\(side)"]).floats(), side)
      try scores.backward(try #require(expected["weights.\(side)"]).floats(), hiddenGradient)
    }
    try model.backward(hiddenGradient, activations)
    let gradients = expected.filter { $0.key.hasPrefix("gradients.") }
    try expectGradients(
      model, Dictionary(uniqueKeysWithValues: gradients.map { (String($0.key.dropFirst(10)), $0.value) }))
  }

  @Test(arguments: ["linear", "dynamic", "mistral"]) func logits(name: String) throws {
    let fixture = Fixture(name)
    let (model, json, expected) = (try fixture.model(), try fixture.json("logits"), try fixture.tensors("logits"))
    for (index, tokens) in try #require(json["inputs"]).tokenRows.enumerated() {
      let (hidden, _) = try model.forward(PackedBatch(tokens: tokens), keeping: .nothing)
      expectClose(try model.logits(hidden).array, try #require(expected["logits.\(index)"]).floats(), "logits")
    }
  }

  @Test func tokensOutsideTheVocabularyAreRefused() throws {
    let model = try Fixture("grouped").model()
    for token: Int32 in [-1, 96] {
      let error = #expect(throws: LlamaError.self) {
        try model.forward(PackedBatch(tokens: [1, token]), keeping: .nothing)
      }
      #expect(
        error?.description
          == "token \(token) is outside the model's vocabulary of 96; the tokenizer is another model's")
    }
  }

  private func expectGradients(_ model: LlamaModel, _ expected: [String: StoredTensor]) throws {
    #expect(expected.count == model.parameters.layout.entries.count)
    for entry in model.parameters.layout.entries {
      let gradient = try #require(model.parameters.gradient(entry)).array
      expectClose(gradient, try #require(expected[entry.name]).floats(), entry.name)
    }
  }
}
