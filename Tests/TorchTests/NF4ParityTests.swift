import CKernels
import Foundation
import ModelFiles
import TestSupport
import Testing
import Torch

/// NF4 against what bitsandbytes made of the same weights.
@Suite("NF4 as bitsandbytes has it")
struct NF4ParityTests {
  private static let shared = Checkout.shared("real/nf4_fixture.safetensors")
  private static let hasShared = FileManager.default.fileExists(atPath: shared.path)

  @Test("places and scales are the same to the bit", .enabled(if: hasShared))
  func quantizing() throws {
    let file = try Fixture(Self.shared)
    let weights = try file.floats("weight")
    let blocks = weights.count / CK_NF4_BLOCK
    var codes = [UInt8](repeating: 0, count: weights.count / 2)
    var scales = [Float](repeating: 0, count: blocks)
    ck_nf4_quantize(weights, Int64(weights.count), &codes, &scales, 0, Int64(blocks))
    #expect(codes == (try file.bytes("packed")))
    #expect(scales == (try file.floats("absmax")))
    #expect(Array(UnsafeBufferPointer(start: ck_nf4_values(), count: 16)) == (try file.floats("map")))
  }

  /// bitsandbytes looks a scale's place up in a table, which misses the nearest value now and then.
  @Test("scales in 8 bits are the nearest values", .enabled(if: hasShared))
  func doubling() throws {
    let file = try Fixture(Self.shared)
    let (map, offset) = (try file.floats("nested_map"), try file.floats("offset")[0])
    #expect(DynamicMap.signed.map(\.bitPattern) == map.map(\.bitPattern))
    let distances = try file.floats("absmax").map { $0 - offset }
    var codes = [UInt8](repeating: 0, count: distances.count)
    var scales: [Float] = [0, 0]
    ck_dynamic_quantize(distances, Int64(distances.count), map, &codes, &scales, 0, 2)
    #expect(scales == (try file.floats("nested_absmax")))
    let theirs = try file.bytes("nested_absmax8")
    for (index, distance) in distances.enumerated() where codes[index] != theirs[index] {
      let scaled = distance / scales[index / 256]
      #expect(abs(map[Int(codes[index])] - scaled) <= abs(map[Int(theirs[index])] - scaled))
    }
    #expect(zip(codes, theirs).count { $0 != $1 } <= distances.count / 100)
  }

  @Test("the same weights come of a matrix quantized here", .enabled(if: hasShared))
  func roundTrip() throws {
    let file = try Fixture(Self.shared)
    let weights = try Tensor(file.floats("weight"), shape: [64, 320])
    let ours = try FrozenMatrix(weights, format: .nf4).widened().array
    let theirs = try file.floats("dequantized")
    let same = zip(ours, theirs).count { Float(bitPattern: $0.bitPattern.bfloat16 << 16) == $1 }
    // All of them in blocks of numbers whose scales have the same place.
    #expect(same >= ours.count * 99 / 100)
    for (our, their) in zip(ours, theirs) { #expect(abs(our - their) <= abs(their) / 64) }
  }

  @Test("files are read to the same numbers", arguments: ["doubled", "plain", "odd"])
  func reading(name: String) throws {
    let folder = try TemporaryFolder()
    let source = Checkout.fixtures(of: "ModelFilesTests").appending(path: "nf4.safetensors")
    try FileManager.default.copyItem(at: source, to: folder.url("model.safetensors"))
    let files = try WeightFiles(folder: folder.url)
    let tensor = try files.tensor("\(name).weight")
    let stored = try #require(tensor.nf4)
    let (rows, columns) = (tensor.shape[0], tensor.shape[1])
    let matrix = try stored.codes.withBytes { codes in
      try stored.scales.withBytes { scales in
        guard let doubling = stored.doubling else {
          return try FrozenMatrix(rows: rows, columns: columns, nf4: NF4Bytes(codes: codes, scales: scales))
        }
        return try doubling.map.withBytes { map in
          try doubling.scales.withBytes {
            let nested = NF4Bytes.Doubling(map: map, scales: $0, offset: doubling.offset)
            return try FrozenMatrix(
              rows: rows, columns: columns, nf4: NF4Bytes(codes: codes, scales: scales, doubling: nested))
          }
        }
      }
    }
    let numbers = try matrix.widened().array
    let rounded =
      tensor.elementType == .bfloat16
      ? numbers.map { Float(bitPattern: $0.bitPattern.bfloat16 << 16) } : numbers
    #expect(try rounded.map(\.bitPattern) == files.tensor("\(name).dequantized").floats().map(\.bitPattern))
  }

  @Test("maps of 8-bit numbers are bitsandbytes' to the bit")
  func maps() throws {
    let file = try Fixture(Checkout.fixtures(of: "ModelFilesTests").appending(path: "nf4.safetensors"))
    #expect(try DynamicMap.signed.map(\.bitPattern) == file.floats("map.signed").map(\.bitPattern))
    #expect(try DynamicMap.unsigned.map(\.bitPattern) == file.floats("map.unsigned").map(\.bitPattern))
  }

  private struct Fixture {
    private let tensors: [StoredTensor]

    init(_ url: URL) throws { tensors = try SafetensorsFile(url).tensors }

    private func tensor(_ name: String) throws -> StoredTensor { try #require(tensors.first { $0.name == name }) }
    func floats(_ name: String) throws -> [Float] { try tensor(name).floats() }
    func bytes(_ name: String) throws -> [UInt8] { try tensor(name).withBytes(Array.init) }
  }
}

extension UInt32 {
  /// The upper half of a float32's bits, rounded to the nearest, ties to even.
  fileprivate var bfloat16: UInt32 { (self + 0x7FFF + ((self >> 16) & 1)) >> 16 }
}
