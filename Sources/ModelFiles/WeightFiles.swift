import Foundation
import JSON

/// The weights of a model folder, whichever files hold them: one safetensors file or several with an index, or
/// PyTorch's `pytorch_model.bin`, one or several. Mapped into memory; nothing is read until it is asked for.
public struct WeightFiles: Sendable {
  /// The folder.
  public let folder: URL
  /// The tensors by the names that transformers publishes; a matrix in NF4 or FP8 is one tensor.
  public let tensors: TextKeyed<StoredTensor>
  /// The tensors' names, sorted.
  public var names: [String] { tensors.keys.sorted() }

  /// Opens the first that exists of `model.safetensors`, `model.safetensors.index.json`, `pytorch_model.bin`,
  /// `pytorch_model.bin.index.json` (transformers' order) and `model.gguf`, and joins what stands in the place of a quantized
  /// matrix.
  /// - Throws: `ModelFileError`.
  public init(folder: URL) throws {
    self.folder = folder
    func path(_ name: String) -> String { folder.appendingPathComponent(name).path }
    func exists(_ name: String) -> Bool { FileManager.default.fileExists(atPath: path(name)) }
    let found: TextKeyed<StoredTensor>
    if exists("model.safetensors") {
      found = Self.table(try SafetensorsFile(path: path("model.safetensors")).tensors)
    } else if exists("model.safetensors.index.json") {
      let index = path("model.safetensors.index.json")
      found = try Self.sharded(index, in: folder) { try SafetensorsFile(path: $0).tensors }
    } else if exists("pytorch_model.bin") {
      found = Self.table(try PyTorchFile(path: path("pytorch_model.bin")).tensors)
    } else if exists("pytorch_model.bin.index.json") {
      let index = path("pytorch_model.bin.index.json")
      found = try Self.sharded(index, in: folder) { try PyTorchFile(path: $0).tensors }
    } else if exists("model.gguf") {
      found = Self.table(try Self.ggufTensors(path: path("model.gguf")))
    } else {
      throw ModelFileError(
        folder.path, "holds no weights (looked for model.safetensors, pytorch_model.bin, and their .index.json)")
    }
    tensors = try Self.joinFP8(Self.joinNF4(Self.published(found)), in: folder)
  }

  /// The tensor `name`.
  /// - Throws: `ModelFileError` where there is none.
  public func tensor(_ name: String) throws -> StoredTensor {
    guard let tensor = tensors[name] else { throw ModelFileError(folder.path, "has no tensor \(quoted(name))") }
    return tensor
  }

  /// Reads the tensor `name` as float32, row by row; see `StoredTensor.readFloats(into:)`.
  /// - Throws: `ModelFileError`.
  public func readFloats(_ name: String, into output: UnsafeMutableBufferPointer<Float>) throws {
    try tensor(name).readFloats(into: output)
  }

  private static func table(_ tensors: [StoredTensor]) -> TextKeyed<StoredTensor> {
    TextKeyed(tensors.map { ($0.name, $0) }, uniquingKeysWith: { $1 })
  }

  private static func sharded(
    _ index: String, in folder: URL, open: (String) throws -> [StoredTensor]
  ) throws -> TextKeyed<StoredTensor> {
    let map = try WeightIndex(index)
    var tensors: TextKeyed<StoredTensor> = [:]
    for shard in Set(texts: map.shards.values).map(\.text).sorted() {
      let path = folder.appendingPathComponent(shard).path
      guard FileManager.default.fileExists(atPath: path) else {
        throw ModelFileError(
          path, "is missing, and the index \(quoted(Path.name(of: index))) names it")
      }
      for tensor in try open(path) {
        guard map.shards[tensor.name] == shard else {
          throw ModelFileError(path, "holds tensor \(quoted(tensor.name)), which the index does not place there")
        }
        tensors[tensor.name] = tensor
      }
    }
    if let missing = map.shards.keys.filter({ tensors[$0] == nil }).min(), let shard = map.shards[missing] {
      throw ModelFileError(
        folder.appendingPathComponent(shard).path, "lacks tensor \(quoted(missing)), which the index places there")
    }
    return tensors
  }
}
