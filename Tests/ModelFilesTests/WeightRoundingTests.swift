import CKernels
import Foundation
import JSON
import ModelFiles
import TestSupport
import Testing

/// Weights that are written as bfloat16.
@Suite struct WeightRoundingTests {
  private let scratch: TemporaryFolder
  private let config: LlamaConfig

  init() throws {
    scratch = try TemporaryFolder()
    config = try LlamaConfig(json: [
      "model_type": "qwen2", "vocab_size": 300, "hidden_size": 64, "intermediate_size": 96, "num_hidden_layers": 2,
      "num_attention_heads": 4, "num_key_value_heads": 4, "rms_norm_eps": 1e-5, "max_position_embeddings": 128,
      "tie_word_embeddings": false,
    ])
  }

  /// Weights on bfloat16's grid, or moved off it by a fiftieth of a step.
  private func write(_ name: String, moved: Bool) throws -> WeightFiles {
    let tensors = config.architecture.tensors.map { tensor in
      OutputTensor(name: tensor.name, elementType: .float32, shape: tensor.shape) { body in
        try (0..<tensor.count).map { place in
          let number = Float(bitPattern: 0x3C00_0000 + UInt32(place % 512) << 16)
          return moved ? number + number.ulp * 1300 : number
        }.withUnsafeBufferPointer(body)
      }
    }
    try ModelFolderWriter(config: config).write(tensors, to: scratch.url(name))
    return try ModelFolder(scratch.url(name)).openWeights()
  }

  @Test(arguments: WeightRounding.allCases) func movementsSurviveADither(rounding: WeightRounding) throws {
    let (before, after) = (try write("before", moved: false), try write("after", moved: true))
    let (movement, places) = (SurvivingMovement(), config.architecture.places)
    let tensors = try config.architecture.tensors.map { tensor in
      try OutputTensor(after.tensor(tensor.name), as: .bfloat16).rounded(
        rounding, from: #require(places[tensor.name]), before: before.tensor(tensor.name), measuring: movement)
    }
    try ModelFolderWriter(config: config).write(tensors, to: scratch.url("narrow"))
    #expect(try abs(#require(movement.share(.dithered)) - 1) < 0.05)
    #expect(movement.share(.nearest) == 0)
    let narrow = try ModelFolder(scratch.url("narrow")).openWeights()
    var changed = 0
    for tensor in config.architecture.tensors {
      var expected =
        try rounding == .dithered ? after.tensor(tensor.name).floats() : before.tensor(tensor.name).floats()
      ck_dither_floats(&expected, Int64(try #require(places[tensor.name])), 0, Int64(expected.count))
      let written = try narrow.tensor(tensor.name).floats()
      #expect(written == expected)
      changed += try zip(written, before.tensor(tensor.name).floats()).count { $0 != $1 }
    }
    let share = Double(changed) / Double(config.architecture.parameterCount)
    #expect(rounding == .dithered ? abs(share - 0.02) < 0.002 : changed == 0)
  }

  @Test func whatHasNotMovedStays() throws {
    let before = try write("before", moved: false)
    let movement = SurvivingMovement()
    for tensor in config.architecture.tensors {
      let stored = try before.tensor(tensor.name)
      let output = try OutputTensor(stored, as: .bfloat16).rounded(
        .dithered, from: 3, before: stored, measuring: movement)
      try ModelFolderWriter(config: config).write([output], to: scratch.url("one"))
      #expect(try SafetensorsFile(scratch.url("one/model.safetensors")).tensors[0].floats() == stored.floats())
    }
    #expect(movement.share(.dithered) == nil)
  }

  /// The places are those of training's flat block, in which biases follow the matrices of their layer.
  @Test func placesCountAllNumbers() throws {
    let places = config.architecture.places
    #expect(places["model.embed_tokens.weight"] == 0)
    #expect(places["model.layers.0.input_layernorm.weight"] == 300 * 64)
    let last = try #require(config.architecture.tensorsInMemory.last)
    #expect(try #require(places[last.name]) + last.count == config.architecture.parameterCount)
    let bias = try #require(places["model.layers.0.self_attn.q_proj.bias"])
    #expect(bias > (try #require(places["model.layers.0.mlp.down_proj.weight"])))
  }
}
