import Foundation
import JSON
import ModelFiles
import TestSupport
import Testing

@Suite struct ReadingTests {
  @Test func safetensorsOfEveryType() throws {
    let file = try SafetensorsFile(fixtures.appendingPathComponent("all.safetensors"))
    #expect(file.metadata == ["format": "pt"])
    try expectFixture(file.tensors)
  }

  @Test(arguments: [2, 3, 4])
  func pickleProtocols(version: Int) throws {
    try expectFixture(PyTorchFile(fixtures.appendingPathComponent("protocol\(version).bin")).tensors)
  }

  @Test(arguments: ["sharded-safetensors", "sharded-bin"])
  func shards(folder: String) throws {
    let weights = try WeightFiles(folder: fixtures.appendingPathComponent(folder))
    try expectFixture(Array(weights.tensors.values))
    var floats = [Float](repeating: 0, count: 6)
    try floats.withUnsafeMutableBufferPointer { try weights.readFloats("float32", into: $0) }
    #expect(try floats == weights.tensor("float32").floats())
  }

  @Test(arguments: ["sharded-safetensors", "sharded-bin"])
  func someRowsOfAMatrix(folder: String) throws {
    let weights = try WeightFiles(folder: fixtures.appendingPathComponent(folder))
    let matrices = weights.tensors.values.filter { $0.liesRowByRow && $0.elementType.isFloat && $0.shape[0] > 1 }
    #expect(!matrices.isEmpty)
    var reading = WeightReading(weights, matrices.map(\.name))
    for matrix in matrices {
      let (rows, columns) = (matrix.shape[0], matrix.shape[1])
      var floats = [Float](repeating: .nan, count: rows * columns)
      for part in [0..<1, 1..<rows] {
        try floats.withUnsafeMutableBufferPointer {
          let room = UnsafeMutableBufferPointer(rebasing: $0[part.lowerBound * columns..<part.upperBound * columns])
          try reading.read(matrix.name, rows: part, into: room)
        }
      }
      #expect(try floats.map(\.bitPattern) == matrix.floats().map(\.bitPattern), "\(matrix.name)")
    }
  }

  /// Every tensor's type, shape and bits are those that PyTorch had.
  private func expectFixture(_ tensors: [StoredTensor]) throws {
    let expected = try #require(try json(fixtures.appendingPathComponent("expected.json")).object)
    #expect(Set(tensors.map(\.name)) == Set(expected.keys))
    for tensor in tensors {
      let entry = try #require(expected[tensor.name])
      #expect(tensor.elementType.torchName == entry["type"]?.string)
      #expect(tensor.shape == entry["shape"]?.array?.compactMap(\.int))
      if tensor.elementType.isFloat {
        #expect(
          try tensor.floats().map { Int($0.bitPattern) } == entry["bits"]?.array?.compactMap(\.int), "\(tensor.name)")
      } else {
        #expect(tensor.withBytes { $0.map(Int.init) } == entry["bytes"]?.array?.compactMap(\.int), "\(tensor.name)")
      }
    }
  }

  @Test func fingerprintsDependOnTheWeightsAndNotOnTheFiles() throws {
    let single = try TemporaryFolder()
    try single.write("model.safetensors", bytes(fixtures.appendingPathComponent("all.safetensors")))
    let pickled = try TemporaryFolder()
    try pickled.write("pytorch_model.bin", bytes(fixtures.appendingPathComponent("protocol2.bin")))
    let fingerprint = try WeightFiles(folder: single.url).fingerprint()
    #expect(fingerprint == "5cc17bde67b55b0d77af21cefe8b434699fbcc558d57bfc77132777d42274d87")
    for folder in [pickled.url] + ["sharded-bin", "sharded-safetensors"].map(fixtures.appendingPathComponent) {
      #expect(try WeightFiles(folder: folder).fingerprint() == fingerprint)
    }

    var changed = try bytes(single.url("model.safetensors"))
    changed[changed.count - 1] ^= 1
    try single.write("model.safetensors", changed)
    #expect(try WeightFiles(folder: single.url).fingerprint() != fingerprint)
  }

  @Test func readingIntegersOrIntoTheWrongRoomIsAnError() throws {
    let scratch = try TemporaryFolder()
    let file = try scratch.write("model.safetensors", bytes(fixtures.appendingPathComponent("all.safetensors")))
    let tensors = try SafetensorsFile(file).tensors
    let whole = try #require(tensors.first { $0.name == "int8" })
    let floats = try #require(tensors.first { $0.name == "float32" })
    #expect(
      message(in: scratch) { _ = try whole.floats() }
        == "model.safetensors: tensor 'int8' holds int8, not floating-point numbers")
    var room = [Float](repeating: 0, count: 7)
    #expect(
      message(in: scratch) { try room.withUnsafeMutableBufferPointer { try floats.readFloats(into: $0) } }
        == "model.safetensors: tensor 'float32' has 6 elements, and was to be read into 7")
  }

  @Test(.enabled(if: Checkout.hasStories, "the shared real files are absent"))
  func stories260K() throws {
    let folder = try ModelFolder(Checkout.stories)
    #expect(folder.config.modelType == .llama && folder.config.layerCount == 5 && folder.config.keyHeadCount == 4)
    #expect(folder.config.tiesEmbeddings && folder.config.vocabularySize == 512 && folder.config.headSize == 8)
    #expect(folder.generationConfig.eosTokenIDs == [2] && folder.generationConfig.bosTokenID == 1)
    let weights = try folder.openWeights()
    #expect(weights.names.count == folder.config.architecture.tensors.count)
    let total = try weights.names.reduce(0) { try $0 + weights.tensor($1).elementCount }
    #expect(total == 260_032)
    let norm = try weights.tensor("model.norm.weight").floats()
    #expect(norm.count == 64 && norm.allSatisfy(\.isFinite))
  }
}
