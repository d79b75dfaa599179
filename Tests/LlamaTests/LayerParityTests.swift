import Foundation
import JSON
import ModelFiles
import Testing
import Torch

@testable import Llama

/// Each layer by itself against PyTorch: output, gradient of the input, gradients of the weights.
@Suite struct LayerParityTests {
  static let models = ["grouped", "biased", "biases", "normed"]

  /// Layer 0 of a model, and the tensors that PyTorch computed with it: two sequences of seven tokens.
  private struct Case {
    let model: LlamaModel
    let expected: [String: StoredTensor]
    let json: JSON
    let batch: PackedBatch

    init(_ name: String) throws {
      let fixture = Fixture(name)
      model = try fixture.model()
      expected = try fixture.tensors("layers")
      json = try fixture.json("layers")
      var batch = PackedBatch()
      for _ in 0..<2 {
        batch.append([TokenSequence(tokens: Array(0..<7), isScored: Array(repeating: false, count: 7))])
      }
      self.batch = batch
    }

    func tensor(_ name: String) throws -> Tensor { try expected.matrix(name) }

    func expect(_ actual: Tensor, _ name: String) throws {
      expectClose(actual.array, try #require(expected[name]).floats(), name)
    }

    /// Expects the gradients that PyTorch has under `prefix` in the model's tensors under `path`.
    func expectGradients(_ prefix: String, _ path: String) throws {
      let names = expected.keys.filter { $0.hasPrefix(prefix + ".gradients.") }
      #expect(!names.isEmpty)
      for name in names {
        let entry = try #require(model.parameters.layout[path + name.dropFirst(prefix.count + 11)])
        try expect(try #require(model.parameters.gradient(entry)), name)
      }
    }
  }

  @Test(arguments: models) func rmsNorm(name: String) throws {
    let c = try Case(name)
    let (norm, x) = (try #require(c.model.layers[0].attentionNorm), try c.tensor("norm.x"))
    let (y, scale) = try norm.forward(x)
    try c.expect(y, "norm.y")
    let dx = try Tensor(zeros: x.shape)
    try norm.backward(c.tensor("norm.dy"), x: x, scale: scale, addingTo: dx)
    try c.expect(dx, "norm.dx")
    try c.expectGradients("norm", "model.layers.0.input_layernorm.")
  }

  @Test(arguments: models, ["q", "k"]) func rotaryEmbedding(name: String, part: String) throws {
    let c = try Case(name)
    let heads = try #require(c.expected["rotary.\(part).x"]).shape[2]
    let size = c.model.config.headSize
    let positions = try #require(c.json["rotary_positions"]).tokenRows.flatMap { $0 }
    var batch = PackedBatch(tokens: Array(repeating: 0, count: Int(positions.max() ?? 0) + 1))
    let table = try #require(c.model.rotary.angles(batch)[0])
    batch = c.batch
    let angles = RotaryAngles(cosine: table.cosine, sine: table.sine, rows: positions)
    for (input, output, direction) in [("x", "y", 1), ("dy", "dx", -1)] as [(String, String, Float)] {
      let x = try c.tensor("rotary.\(part).\(input)").reshaped([positions.count, heads * size])
      try angles.rotate(x, heads: heads, headSize: size, direction: direction)
      try c.expect(x, "rotary.\(part).\(output)")
    }
  }

  @Test(arguments: models) func attention(name: String) throws {
    let c = try Case(name)
    let (layer, x) = (c.model.layers[0].attention, try c.tensor("attention.x"))
    let angles = try c.model.rotary.angles(c.batch)[0]
    let (y, kept) = try layer.forward(x, batch: c.batch, angles: angles, rows: nil)
    try c.expect(y, "attention.y")
    let dx = try layer.backward(
      c.tensor("attention.dy"), x: x, activations: kept, batch: c.batch, angles: angles, rows: nil)
    try c.expect(dx, "attention.dx")
    try c.expectGradients("attention", "model.layers.0.self_attn.")
  }

  @Test(arguments: models) func feedForward(name: String) throws {
    let c = try Case(name)
    let (layer, x) = (c.model.layers[0].feedForward, try c.tensor("mlp.x"))
    let (y, gateUp) = try layer.forward(x)
    try c.expect(y, "mlp.y")
    try c.expect(try layer.backward(c.tensor("mlp.dy"), x: x, gateUp: gateUp), "mlp.dx")
    try c.expectGradients("mlp", "model.layers.0.mlp.")
  }

  @Test(arguments: models) func decoderLayer(name: String) throws {
    let c = try Case(name)
    let layer = c.model.layers[0]
    let angles = try c.model.rotary.angles(c.batch)[0]
    let (y, kept) = try layer.forward(c.tensor("decoder.x"), batch: c.batch, angles: angles)
    try c.expect(y, "decoder.y")
    let dx = try layer.backward(
      c.tensor("decoder.dy"), activations: try #require(kept), batch: c.batch, angles: angles)
    try c.expect(dx, "decoder.dx")
    try c.expectGradients("decoder", "model.layers.0.")
  }

  @Test(arguments: models) func embedding(name: String) throws {
    let c = try Case(name)
    let tokens = try #require(c.json["embedding_ids"]).tokenRows.flatMap { $0 }
    try c.expect(try c.model.embedding.forward(tokens), "embedding.y")
    try c.model.embedding.backward(c.tensor("embedding.dy"), tokens: tokens)
    try c.expectGradients("embedding", "model.embed_tokens.")
  }

  @Test(arguments: models) func vocabularyProjection(name: String) throws {
    let c = try Case(name)
    try c.expect(try c.model.projection.logits(c.tensor("head.x")), "head.y")
  }

  @Test func llama3FrequenciesAreTransformers() throws {
    let folder = Fixture(".").folder
    let json = try JSON(parsing: [UInt8](Data(contentsOf: folder.appending(path: "llama3-frequencies.json"))))
    let expected = (json["inverse_frequencies"]?.array ?? []).compactMap { $0.double.map { Float($0) } }
    let config = try LlamaConfig(
      json: [
        "model_type": "llama", "vocab_size": 8, "hidden_size": 128, "intermediate_size": 8, "num_hidden_layers": 1,
        "num_attention_heads": 1, "rms_norm_eps": 1e-5, "max_position_embeddings": 131072,
        "head_dim": json["head_dim"] ?? 128, "rope_parameters": json["rope_parameters"] ?? .null,
      ], path: "config.json")
    expectClose(
      RotaryEmbedding.frequencies(try #require(config.attention[0].rope)), expected, within: 2e-7, "frequencies")
  }
}
