import Foundation
import GGUF
import ModelFiles
import Testing

/// Numbers in fewer bits.
@Suite struct QuantizationTests {
  /// The block of 32 numbers, in a tensor of zeros, as it is in the file.
  private func block(_ numbers: [Float]) throws -> [UInt8] {
    let model = try TinyModel { name, place in
      name == "model.embed_tokens.weight" && place < numbers.count ? numbers[place] : 0
    }
    return Array(try #require(model.export(as: .q8_0).file.tensors["token_embd.weight"]).bytes.prefix(34))
  }

  @Test func aBlockIsAScaleAndBytes() throws {
    // The largest magnitude is 127 steps of 0.5, whose float16 is 0x3800.
    let numbers = (0..<32).map { $0 == 3 ? -63.5 : Float($0) * 0.25 }
    let bytes = try block(numbers)
    #expect(bytes[..<2] == [0x00, 0x38])
    // Halves go away from zero.
    let steps = (0..<32).map { $0 == 3 ? -127 : Int8(($0 + 1) / 2) }
    #expect(bytes[2...].map { Int8(bitPattern: $0) } == steps)
  }

  @Test func zerosAndNumbersThatAreAllButZeroAreZero() throws {
    #expect(try block([]) == [UInt8](repeating: 0, count: 34))
    #expect(try block([Float(bitPattern: 714), -.leastNonzeroMagnitude]) == [UInt8](repeating: 0, count: 34))
  }

  @Test func whatCannotBeHeldIsRefused() throws {
    for (number, type) in [
      (Float.nan, GGUFTensorType.q8_0), (.infinity, .q8_0), (1e8, .q8_0), (65520, .float16),
    ] {
      let model = try TinyModel { name, place in name.contains("gate_proj") && place == 5 ? number : 0 }
      let error = #expect(throws: ModelFileError.self) { try model.export(as: type) }
      #expect(error?.reason.contains("blk.0.ffn_gate.weight") ?? false)
      // Nothing is left behind.
      let names = try FileManager.default.contentsOfDirectory(atPath: model.url.path)
      #expect(!names.contains { $0.contains("gguf") }, "\(names)")
    }
  }

  @Test func rowsWithoutWholeBlocksAreFloat16() throws {
    let (file, notes) = try TinyModel(["intermediate_size": 100]).export(as: .q8_0)
    #expect(file.metadata["general.file_type"] == "7")
    #expect(file.tensors["blk.0.ffn_down.weight"]?.type == 1)
    #expect(file.tensors["blk.0.ffn_up.weight"]?.type == 8)
    #expect(
      notes.contains("2 of 20 tensors are float16: their rows are not a multiple of 32 (blk.0.ffn_down.weight: 100)"),
      "\(notes)")
  }
}
