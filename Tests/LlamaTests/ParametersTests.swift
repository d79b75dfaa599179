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

  @Test func parametersOfAnotherModelAreRefused() throws {
    let other = try ModelFolder(Fixture("grouped").folder).config
    let parameters = try Parameters(layout: ParameterLayout(other), training: false)
    let error = #expect(throws: LlamaError.self) { try LlamaModel(config: config, parameters: parameters) }
    #expect(
      error?.description
        == "the parameters have no model.embed_tokens.weight of shape [48, 16]; they are another model's")
  }
}
