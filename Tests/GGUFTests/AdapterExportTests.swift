import Foundation
import GGUF
import ModelFiles
import TestSupport
import Testing

/// Adapters as llama.cpp reads them.
@Suite struct AdapterExportTests {
  /// An adapter of rank 2 to queries and down projections, whose numbers are their places.
  private func adapter(of model: TinyModel, alphaPattern: String = "{}") throws -> (
    AdapterFolder, LlamaConfig, TemporaryFolder
  ) {
    let (place, config) = (try TemporaryFolder(), try ModelFolder(model.url).config)
    var writer = ModelFolderWriter(config: config)
    writer.adapter = AdapterConfig(base: model.url.path, rank: 2, alpha: 4, targets: ["q_proj", "down_proj"])
    let weights = config.architecture.adaptable.filter { [.query, .down].contains($0.role) }
    try writer.write(
      weights.flatMap { weight -> [OutputTensor] in
        let factors = weight.factors(rank: 2)
        return [factors.a, factors.b].map { tensor in
          OutputTensor(name: tensor.name, elementType: .float32, shape: tensor.shape) { body in
            try (0..<tensor.count).map(Float.init).withUnsafeBufferPointer(body)
          }
        }
      }, to: place.url)
    let path = place.url("adapter_config.json")
    let text = try String(contentsOf: path, encoding: .utf8)
    try Data(text.replacing(#""alpha_pattern": {}"#, with: #""alpha_pattern": \#(alphaPattern)"#).utf8).write(to: path)
    return (try AdapterFolder(place.url), config, place)
  }

  private func export(_ adapter: AdapterFolder, _ config: LlamaConfig, _ place: TemporaryFolder) throws -> ReadFile {
    try GGUFModel(adapter, of: config, name: "tiny").write(to: place.path("tiny.gguf"))
    return try ReadFile(place.url("tiny.gguf"))
  }

  @Test func namesAndOrderAreLlamaCpps() throws {
    let model = try TinyModel()
    let (adapter, config, place) = try adapter(of: model)
    let file = try export(adapter, config, place)
    #expect(file.metadata["general.type"] == "adapter" && file.metadata["adapter.type"] == "lora")
    #expect(file.metadata["general.architecture"] == "llama" && file.metadata["adapter.lora.alpha"] == "4.0")
    #expect(
      file.names.count == 8 && file.names.prefix(2) == ["blk.0.attn_q.weight.lora_a", "blk.0.attn_q.weight.lora_b"])
    let a = try #require(file.tensors["blk.0.attn_q.weight.lora_a"])
    #expect(a.shape == [64, 2] && a.floats == (0..<128).map(Float.init))
    // Only B has rows of heads: row 1 of the file is the first of the other half of a head of 32.
    let b = try #require(file.tensors["blk.0.attn_q.weight.lora_b"])
    #expect(b.shape == [2, 64] && Array(b.floats.prefix(6)) == [0, 1, 32, 33, 2, 3])
    let down = try #require(file.tensors["blk.1.ffn_down.weight.lora_b"])
    #expect(down.floats == (0..<128).map(Float.init))
  }

  /// llama.cpp knows one α; what others ask for goes into B.
  @Test func aScaleOfItsOwnGoesIntoB() throws {
    let model = try TinyModel()
    let (adapter, config, place) = try adapter(of: model, alphaPattern: #"{"down_proj": 2}"#)
    let file = try export(adapter, config, place)
    #expect(file.metadata["adapter.lora.alpha"] == "4.0")
    let down = try #require(file.tensors["blk.1.ffn_down.weight.lora_b"])
    #expect(down.floats == (0..<128).map { Float($0) / 2 })
  }
}
