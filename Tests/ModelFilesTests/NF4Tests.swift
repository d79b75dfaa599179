import Foundation
import JSON
import ModelFiles
import TestSupport
import Testing

/// Matrices that bitsandbytes quantized, as `Scripts/fixtures/nf4.py` wrote them.
@Suite struct NF4Tests {
  private let scratch: TemporaryFolder

  init() throws { scratch = try TemporaryFolder() }

  private static let file = fixtures.appendingPathComponent("nf4.safetensors")

  @Test(arguments: ["doubled", "plain", "half", "odd"])
  func numbersAreThoseOfBitsandbytes(name: String) throws {
    try FileManager.default.copyItem(at: Self.file, to: scratch.url("model.safetensors"))
    let weights = try WeightFiles(folder: scratch.url)
    let (tensor, expected) = (try weights.tensor("\(name).weight"), try weights.tensor("\(name).dequantized"))
    #expect(tensor.shape == expected.shape && tensor.elementType == expected.elementType)
    #expect(try tensor.floats().map(\.bitPattern) == expected.floats().map(\.bitPattern))
    #expect((tensor.nf4?.doubling == nil) == (name == "plain"))
    #expect(weights.names.filter { $0.hasPrefix(name) } == ["\(name).dequantized", "\(name).weight"])
  }

  /// A folder of one layer, each of whose matrices is quantized.
  @Test func aQuantizedModelIsReadAndWrittenAsNumbers() throws {
    let config = try config(["hidden_size": 4, "quantization_config": Self.quantization])
    #expect(config.json["quantization_config"] == nil)
    var file = SafetensorsBytes()
    for (number, parameter) in config.architecture.tensors.enumerated() {
      if parameter.shape.count == 2, parameter.role != .embedding, parameter.role != .projection {
        file.addNF4(parameter.name, shape: parameter.shape, scale: Float(number))
      } else {
        file.add(parameter.name, "F32", parameter.shape, [Float](repeating: Float(number), count: parameter.count))
      }
    }
    try scratch.write("model.safetensors", file.bytes)
    try scratch.write("config.json", configJSON(["quantization_config": Self.quantization]).text)
    let folder = try ModelFolder(scratch.url)
    let weights = try folder.openWeights()
    for (number, parameter) in config.architecture.tensors.enumerated() {
      // Every code is 15, whose value is 1.
      #expect(try weights.tensor(parameter.name).floats() == Array(repeating: Float(number), count: parameter.count))
    }
    let tensors = try config.architecture.tensors.map { try OutputTensor(weights.tensor($0.name), as: .float32) }
    try ModelFolderWriter(carryingOver: folder).write(tensors, to: scratch.url("written"))
    let written = try ModelFolder(scratch.url("written"))
    #expect(try written.openWeights().fingerprint() == weights.fingerprint())
    #expect(try !scratch.text("written/config.json").contains("quantization_config"))
  }

  static let quantization: JSON = [
    "quant_method": "bitsandbytes", "load_in_4bit": true, "bnb_4bit_quant_type": "nf4",
    "bnb_4bit_use_double_quant": true,
  ]

  @Test(arguments: [
    ("bnb_4bit_quant_type", "fp4" as JSON), ("load_in_4bit", false), ("quant_method", "gptq"),
  ])
  func otherQuantizationIsRefused(key: String, value: JSON) throws {
    var members = Self.quantization.object ?? [:]
    members[key] = value
    #expect(throws: ModelFileError.self) { _ = try config(["quantization_config": .object(members)]) }
  }

  // MARK: Hostile files

  private static let state = #"{"quant_type":"nf4","blocksize":64,"dtype":"float32","shape":[2,70]}"#
  private static let doubled =
    #"{"quant_type":"nf4","blocksize":64,"dtype":"float32","shape":[2,70],"nested_blocksize":256,"#
    + #""nested_dtype":"float32","nested_offset":0.5}"#

  private static func changed(_ text: String, _ old: String, _ new: String) -> String {
    text.replacingOccurrences(of: old, with: new)
  }

  /// What is changed of a good matrix, and what is said of it.
  static let hostile: [(SafetensorsBytes.Change, String)] = [
    (.state("[]"), "tensor 'w.quant_state.bitsandbytes__nf4': it is not an object in JSON"),
    (.state(""), "tensor 'w.quant_state.bitsandbytes__nf4': it is not an object in JSON"),
    (
      .state(String(repeating: " ", count: 70000) + "{}"),
      "tensor 'w.quant_state.bitsandbytes__nf4': it is not an object in JSON"
    ),
    (.state(changed(state, "nf4", "fp4")), "tensor 'w.quant_state.bitsandbytes__nf4': quant_type must be nf4"),
    (.state(changed(state, "64", "128")), "tensor 'w.quant_state.bitsandbytes__nf4': blocksize must be 64"),
    (
      .state(changed(state, "float32", "int8")),
      "tensor 'w.quant_state.bitsandbytes__nf4': dtype must be float32, bfloat16 or float16"
    ),
    (.state(changed(state, "[2,70]", "3")), "tensor 'w.quant_state.bitsandbytes__nf4': shape must be a list of sizes"),
    (.state(changed(state, "[2,70]", "[]")), "tensor 'w.quant_state.bitsandbytes__nf4': shape must be a list of sizes"),
    (.state(changed(state, "[2", "[0")), "tensor 'w.quant_state.bitsandbytes__nf4': shape must be a list of sizes"),
    (.state(changed(state, "[2", "[-2")), "tensor 'w.quant_state.bitsandbytes__nf4': shape must be a list of sizes"),
    (
      .state(changed(state, "[2,70]", "[4294967296,4294967296]")),
      "tensor 'w.quant_state.bitsandbytes__nf4': shape must be a list of sizes"
    ),
    (
      .state(changed(state, "[2,70]", "[1152921504606846976]")),
      "tensor 'w' has 70 bytes, NF4 of shape [1152921504606846976] needs 576460752303423488"
    ),
    (.state(changed(state, "[2,70]", "[2,71]")), "tensor 'w' has 70 bytes, NF4 of shape [2, 71] needs 71"),
    (
      .state(changed(doubled, "256", "128")),
      "tensor 'w.quant_state.bitsandbytes__nf4': its scales must be in blocks of 256 with scales in float32"
    ),
    (
      .state(changed(doubled, "0.5", "1e300")),
      "tensor 'w.quant_state.bitsandbytes__nf4': nested_offset must be a number"
    ),
    (
      .state(changed(doubled, "0.5", "null")),
      "tensor 'w.quant_state.bitsandbytes__nf4': nested_offset must be a number"
    ),
    (.state(doubled), "tensor 'w.absmax' has 3 elements of float32, NF4 of this shape needs 3 of uint8"),
    (.without("w"), "lacks tensor 'w', of which it has the quantization"),
    (.without("w.absmax"), "lacks tensor 'w.absmax', which belongs to 'w'"),
    (.without("w.quant_map"), "lacks tensor 'w.quant_map', which belongs to 'w'"),
    (.scales(2), "tensor 'w.absmax' has 2 elements of float32, NF4 of this shape needs 3 of float32"),
    (.value(3), "tensor 'w.quant_map' does not hold the values of NF4"),
  ]

  @Test(arguments: hostile)
  func isRefused(change: SafetensorsBytes.Change, expected: String) throws {
    var file = SafetensorsBytes()
    file.addNF4("w", shape: [2, 70], scale: 1, change)
    try scratch.write("model.safetensors", file.bytes)
    #expect(message(in: scratch) { _ = try WeightFiles(folder: scratch.url) } == "model.safetensors: " + expected)
  }

  /// Whatever a damaged file says, it is read or refused.
  @Test func damagedFilesNeverTrap() throws {
    var file = SafetensorsBytes()
    file.addNF4("w", shape: [2, 70], scale: 1)
    var random = SystemRandomNumberGenerator()
    let whole = file.bytes
    for position in stride(from: Int.random(in: 0..<3, using: &random), to: whole.count, by: 3) {
      var damaged = whole
      damaged[position] = UInt8.random(in: 0...255, using: &random)
      try scratch.write("model.safetensors", damaged)
      do {
        for tensor in try WeightFiles(folder: scratch.url).tensors.values where tensor.elementType.isFloat {
          _ = try tensor.floats()
        }
      } catch is ModelFileError {}
    }
  }
}
