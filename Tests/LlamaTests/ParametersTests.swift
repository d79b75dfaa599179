import ModelFiles
import Testing

@testable import Llama

/// Where parameters lie.
@Suite struct ParametersTests {
  let config: LlamaConfig

  init() throws { config = try ModelFolder(Fixture("biases").folder).config }

  @Test func whatOneProductServesMustLieSideBySide() throws {
    let tensors = config.architecture.tensors
    let gates = config.architecture.layers[1].gateUp.weights
    // In files, gate's bias comes between gate and up.
    let parameters = try Parameters(layout: ParameterLayout(tensors), training: false)
    let error = #expect(throws: LlamaError.self) { try LlamaModel(config: config, parameters: parameters) }
    #expect(
      error?.description
        == "model.layers.0.self_attn.k_proj.weight does not follow model.layers.0.self_attn.q_proj.weight in memory, "
        + "so no one product can serve both")
    for swapped in [gates, gates.reversed()] {
      let both = try Parameters(layout: ParameterLayout(swapped), training: false)
      #expect((try? both.joined(gates).value.shape) == (swapped == gates ? [48, 16] : nil))
    }
  }

  @Test func aGroupIsOneRangeWithItsBiases() {
    let layout = ParameterLayout(config)
    #expect(layout.groups.map(\.group) == [.embedding, .layer(0), .layer(1), .norm, .projection])
    #expect(layout.groups.last?.range.upperBound == layout.count)
    #expect(zip(layout.groups, layout.groups.dropFirst()).allSatisfy { $0.range.upperBound == $1.range.lowerBound })
    for entry in layout.entries {
      #expect(layout.groups.filter { $0.range.contains(entry.offset) }.map(\.group) == [entry.tensor.group])
    }
  }

  @Test func whatIsFrozenHasNoRoomForGradients() throws {
    let layout = ParameterLayout(config)
    let parameters = try Parameters(layout: layout, training: true, freezing: [.embedding, .layer(1)])
    let sizes = layout.groups.map(\.range.count)
    #expect(parameters.gradients?.count == sizes[1] + sizes[3] + sizes[4])
    #expect(
      parameters.trained.map(\.values) == [layout.groups[1].range, layout.groups[3].range.lowerBound..<layout.count])
    for entry in layout.entries {
      let isTrained = ![.embedding, .layer(1)].contains(entry.tensor.group)
      #expect(parameters.gradient(entry)?.shape == (isTrained ? entry.shape : nil))
    }
    let everything = Set(layout.groups.map(\.group))
    #expect(try Parameters(layout: layout, training: true, freezing: everything).gradients == nil)
    let error = #expect(throws: LlamaError.self) {
      try Parameters(layout: layout, training: true, freezing: [.layer(2)])
    }
    #expect(error?.description == "the model has no layer 2 that could be frozen")
  }

  @Test func parametersOfAnotherModelAreRefused() throws {
    let other = try ModelFolder(Fixture("grouped").folder).config
    let parameters = try Parameters(layout: ParameterLayout(other), training: false)
    let error = #expect(throws: LlamaError.self) { try LlamaModel(config: config, parameters: parameters) }
    #expect(
      error?.description
        == "the parameters have no model.embed_tokens.weight of shape [48, 16]; they are another model's")
  }
}
