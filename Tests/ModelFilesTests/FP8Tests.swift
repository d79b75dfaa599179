import Foundation
import JSON
import ModelFiles
import TestSupport
import Testing

/// Matrices in FP8, as `Scripts/fixtures/fp8.py` wrote them.
@Suite struct FP8Tests {
  private let scratch: TemporaryFolder

  init() throws { scratch = try TemporaryFolder() }

  private func open(_ block: JSON = [16, 8]) throws -> WeightFiles {
    try? FileManager.default.copyItem(
      at: fixtures.appendingPathComponent("fp8.safetensors"), to: scratch.url("model.safetensors"))
    let quantization: JSON = ["quant_method": "fp8", "weight_block_size": block]
    try scratch.write("config.json", configJSON(["quantization_config": quantization]).text)
    return try WeightFiles(folder: scratch.url)
  }

  @Test(arguments: ["even", "odd", "whole"]) func numbersAreCodesTimesScales(name: String) throws {
    let weights = try open()
    let (tensor, expected) = (try weights.tensor("\(name).weight"), try weights.tensor("\(name).dequantized"))
    #expect(tensor.shape == expected.shape && tensor.elementType == .float32)
    #expect(try tensor.floats().map(\.bitPattern) == expected.floats().map(\.bitPattern))
    #expect(weights.names.filter { $0.hasPrefix(name) } == ["\(name).dequantized", "\(name).weight"])
    #expect(try config(["quantization_config": ["quant_method": "fp8"]]).json["quantization_config"] == nil)
  }

  @Test func blocksOfAnotherSizeAreRefused() throws {
    let scratch = self.scratch
    #expect(
      message(in: scratch) { _ = try open([16, 16]) }.contains(
        "in blocks of 16 × 16 needs ["))
    #expect(
      message(in: scratch) { _ = try open([0, 8]) }
        == "config.json: quantization_config.weight_block_size must be two sizes, not a list")
    #expect(message(in: scratch) { _ = try open("wide") }.contains("weight_block_size must be two sizes, not \"wide\""))
  }

  @Test func scalesWithoutAMatrixAreRefused() throws {
    var file = SafetensorsBytes()
    file.add("a.weight_scale_inv", "F32", [1], [1])
    try scratch.write("model.safetensors", file.bytes)
    #expect(
      message(in: scratch) { _ = try WeightFiles(folder: scratch.url) }
        == "model.safetensors: holds 'a.weight_scale_inv', but no matrix 'a.weight' in FP8 that it could scale")
  }
}

/// Names that transformers' own have become on the way.
@Suite struct TensorNameTests {
  private let scratch: TemporaryFolder

  init() throws { scratch = try TemporaryFolder() }

  @Test(arguments: ["_orig_mod.", "", "bare", "bare compiled"]) func namesAreThoseThatArePublished(kind: String) throws
  {
    let config = try config()
    var file = SafetensorsBytes()
    for tensor in config.architecture.tensors {
      let own =
        kind.hasPrefix("bare") && tensor.name.hasPrefix("model.") ? String(tensor.name.dropFirst(6)) : tensor.name
      let name =
        kind == "_orig_mod."
        ? kind + own : kind == "bare compiled" ? own.replacing("layers.0.", with: "layers.0._orig_mod.") : own
      file.add(name, "F32", tensor.shape, [Float](repeating: 1, count: tensor.count))
    }
    try scratch.write("model.safetensors", file.bytes)
    try scratch.write("config.json", configJSON().text)
    let weights = try ModelFolder(scratch.url).openWeights()
    #expect(weights.names == config.architecture.tensors.map(\.name).sorted())
  }

  @Test func oneNameForTwoTensorsIsRefused() throws {
    var file = SafetensorsBytes()
    file.add("model.norm.weight", "F32", [1], [1])
    file.add("_orig_mod.model.norm.weight", "F32", [1], [2])
    try scratch.write("model.safetensors", file.bytes)
    #expect(
      message(in: scratch) { _ = try WeightFiles(folder: scratch.url) }.contains(
        "holds tensor 'model.norm.weight' twice"))
  }
}
