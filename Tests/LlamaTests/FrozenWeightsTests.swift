import Foundation
import ModelFiles
import TestSupport
import Testing
import Torch

@testable import Llama

/// Frozen weights that a file has as they are kept are used where they lie.
@Suite struct FrozenWeightsTests {
  private let place: TemporaryFolder

  init() throws { place = try TemporaryFolder() }

  /// A model in bfloat16, its numbers so many bytes further behind in the file than the writer puts them.
  private func narrowModel(shift: Int) throws -> ModelFolder {
    let folder = try ModelFolder(Fixture("grouped").folder)
    let tensors = try LlamaModel(folder, training: false).outputTensors(.bfloat16)
    let narrow = place.url("narrow-\(shift)")
    try ModelFolderWriter(carryingOver: folder).write(tensors, to: narrow)
    let file = narrow.appending(path: "model.safetensors")
    var bytes = try Array(Data(contentsOf: file))
    let length = Int(bytes[0]) + Int(bytes[1]) << 8 + Int(bytes[2]) << 16 + shift
    (bytes[0], bytes[1], bytes[2]) = (UInt8(length & 255), UInt8(length >> 8 & 255), UInt8(length >> 16))
    bytes.insert(contentsOf: repeatElement(UInt8(ascii: " "), count: shift), at: 8 + length - shift)
    try Data(bytes).write(to: file)
    return try ModelFolder(narrow)
  }

  private func scores(_ folder: ModelFolder, _ dtype: DType) throws -> [Float] {
    let model = try LlamaModel(folder, keeping: .bfloat16, dtype: dtype)
    return try model.forward(PackedBatch(tokens: [1, 5, 9, 2, 30, 11]), keeping: .nothing).hidden.array
  }

  /// Numbers of two bytes at an odd place are copied to where a processor takes them from.
  @Test(arguments: [0, 1, 2]) func matricesAreUsedWhereTheyLie(shift: Int) throws {
    let folder = try narrowModel(shift: shift)
    let weights = try folder.openWeights()
    let frozen = try FrozenWeights(weights, of: folder.config, format: .bfloat16)
    for tensor in folder.config.architecture.tensors where FrozenWeights.isNarrow(tensor) {
      guard case .frozen(let parts) = try frozen.weight([tensor]) else {
        Issue.record("\(tensor.name) is not frozen")
        continue
      }
      let stored = try weights.tensor(tensor.name)
      let mapped = try #require(stored.mapped).bytes.baseAddress
      #expect((UnsafeRawPointer(parts[0].bytes.baseAddress) == mapped) == (shift != 1))
      #expect(try parts[0].widened().array == stored.floats())
    }
  }

  /// Where numbers lie changes no bit of what is computed with them, whoever computes it.
  @Test(arguments: [DType.float32, .bfloat16]) func whereTheyLieChangesNothing(dtype: DType) throws {
    let copied = try scores(narrowModel(shift: 1), dtype)
    for shift in [0, 2, 62] {
      #expect(try scores(narrowModel(shift: shift), dtype) == copied)
    }
  }

  /// Float32 in a file is rounded for a narrow copy, and is no matrix of two bytes where it lies.
  @Test func whatIsStoredOtherwiseIsCopied() throws {
    let folder = try ModelFolder(Fixture("grouped").folder)
    let weights = try folder.openWeights()
    let frozen = try FrozenWeights(weights, of: folder.config, format: .bfloat16)
    for tensor in folder.config.architecture.adaptable {
      guard case .frozen(let parts) = try frozen.weight([tensor]) else { continue }
      #expect(try UnsafeRawPointer(parts[0].bytes.baseAddress) != weights.tensor(tensor.name).mapped?.bytes.baseAddress)
    }
  }
}
