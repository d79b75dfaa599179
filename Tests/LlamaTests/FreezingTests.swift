import ModelFiles
import Testing
import Torch

@testable import Llama

/// What is frozen changes no gradient of the rest.
@Suite struct FreezingTests {
  static let frozen: [Set<Architecture.Group>] = [
    [.embedding, .layer(0)], [.layer(0)], [.layer(1)], [.embedding, .layer(1), .norm], [.norm],
    [.embedding, .layer(0), .layer(1)],
  ]

  @Test(arguments: ["grouped", "biases", "normed"], frozen)
  func theRestHasTheSameGradientsToTheBit(name: String, frozen: Set<Architecture.Group>) throws {
    let (whole, part) = (try gradients(name, freezing: []), try gradients(name, freezing: frozen))
    for entry in whole.layout.entries {
      let gradient = part.gradient(entry)?.array
      #expect(gradient == (frozen.contains(entry.tensor.group) ? nil : whole.gradient(entry)?.array), "\(entry.name)")
    }
  }

  @Test func aBackwardGoesOnlyAsFarAsSomethingTrains() throws {
    for (frozen, layers) in [
      ([], 2), ([.embedding], 2), ([.layer(0)], 2), ([.embedding, .layer(0)], 1),
      ([.embedding, .layer(0), .layer(1)], 0),
    ] as [(Set<Architecture.Group>, Int)] {
      let model = try LlamaModel(ModelFolder(Fixture("biases").folder), training: true, freezing: frozen)
      let (_, activations) = try model.forward(PackedBatch(tokens: [1, 2, 3]), keeping: .everything)
      #expect(activations.layers.count == layers)
    }
  }

  @Test func theHeadMayTrainAlone() throws {
    let frozen: Set<Architecture.Group> = [.embedding, .layer(0), .layer(1), .norm]
    let (whole, part) = (try gradients("biases", freezing: []), try gradients("biases", freezing: frozen))
    let head = try #require(whole.layout["lm_head.weight"])
    #expect(part.gradients?.array == whole.gradient(head)?.array)
  }

  @Test func aModelOfWhichNothingTrainsHasNoBackward() throws {
    let model = try LlamaModel(ModelFolder(Fixture("grouped").folder), training: false)
    let (hidden, activations) = try model.forward(PackedBatch(tokens: [1, 2, 3]), keeping: .everything)
    let error = #expect(throws: LlamaError.self) { try model.backward(hidden, activations) }
    #expect(error?.description == "nothing of the model trains: it was loaded without room for gradients")
  }

  /// The gradients of two sequences' loss.
  private func gradients(_ name: String, freezing frozen: Set<Architecture.Group>) throws -> Parameters {
    let fixture = Fixture(name)
    let model = try LlamaModel(ModelFolder(fixture.folder), training: true, freezing: frozen)
    var batch = PackedBatch()
    for tokens in try #require(fixture.json("loss")["input_ids"]).tokenRows {
      batch.append([TokenSequence(tokens: tokens, isScored: tokens.map { $0 % 2 == 0 })])
    }
    let places = batch.scored.flatMap { $0 }
    let (hidden, activations) = try model.forward(batch, keeping: .activations(recomputing: 1), reading: places)
    let output = try model.vocabularyHead.forward(places, hidden: hidden)
    let hiddenGradient = try Tensor(zeros: hidden.shape)
    try output.backward(output.values.map { _ in -1 }, hiddenGradient)
    try model.backward(hiddenGradient, activations)
    return model.parameters
  }
}
