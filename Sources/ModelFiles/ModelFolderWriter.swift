import Foundation
import JSON

/// Writes a model folder that transformers loads: safetensors, `config.json`, `generation_config.json`, the tokenizer's
/// files carried over byte for byte.
///
/// Everything is written beside its place and synced first; only then are files renamed into place. A failure before
/// that, a full disk included, leaves an older model in the folder untouched.
public struct ModelFolderWriter {
  /// The shape of the model that is written; its JSON goes into `config.json` with all keys.
  public var config: LlamaConfig
  /// The object of `generation_config.json`; none is written where it is nil.
  public var generationConfig: JSON?
  /// Files beside the weights: names and contents.
  public var files: TextKeyed<[UInt8]> = [:]
  /// The class that transformers is to load the weights with: `LlamaForCausalLM` or the like.
  public var architecture: String
  /// What is written instead of `config.json` where the tensors are an adapter's.
  public var adapter: AdapterConfig?
  /// Weights that take more bytes are split into shards of at most as many, unless one tensor alone takes more.
  public var shardBytes = 5_000_000_000

  /// A model that stands by itself; add its tokenizer to `files`.
  public init(config: LlamaConfig, generationConfig: JSON? = nil) {
    self.config = config
    self.generationConfig = generationConfig
    architecture = config.modelClass
  }

  /// A model that was trained from `source`: its configuration, tokenizer and licence are carried over.
  /// - Throws: `ModelFileError` where one of its files cannot be read.
  public init(carryingOver source: ModelFolder) throws {
    self.init(config: source.config, generationConfig: source.generationConfig.json)
    // An adapter's own tokenizer goes before its base's.
    for folder in [source.url, source.adapter?.url].compactMap(\.self) {
      for name in try CarriedFiles.names(in: folder) {
        let file = try MappedFile(folder.appendingPathComponent(name).path)
        files[name] = Array(file.bytes)
      }
    }
  }

  /// Bytes that writing `tensors` takes on the disk, before the old files are removed.
  public func bytesNeeded(for tensors: [OutputTensor]) -> Int {
    let weights = tensors.reduce(0) { $0 + $1.byteCount + 256 }
    return files.values.reduce(weights + 1 << 16) { $0 + $1.count }
  }

  /// Writes the model to `folder`, which is created where it is missing. Old weights in safetensors that do not belong
  /// to the new model are removed at the end.
  /// - Throws: `ModelFileError`, and whatever the tensors' closures throw.
  public func write(_ tensors: [OutputTensor], to folder: URL) throws {
    try validate(tensors, folder)
    do {
      try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    } catch {
      throw ModelFileError(
        folder.path, "the folder cannot be created: \(oneLine((error as NSError).localizedDescription))")
    }
    try DiskSpace.require(bytesNeeded(for: tensors), at: folder)

    func path(_ name: String) -> String { folder.appendingPathComponent(name).path }
    func stage(_ bytes: [UInt8], _ name: String) throws -> AtomicFile {
      let file = try AtomicFile(path(name), expectedBytes: bytes.count)
      try file.write(bytes)
      try file.sync()
      return file
    }
    func json(_ json: JSON) -> [UInt8] { Array((json.prettyText + "\n").utf8) }

    var small = try files.map { try stage($0.value, $0.key) }
    if let generationConfig { small.append(try stage(json(generationConfig), "generation_config.json")) }
    small.append(
      try adapter.map { try stage(json($0.json), AdapterFolder.configFile) }
        ?? stage(json(outputConfig(tensors)), "config.json"))
    guard adapter == nil else {
      let weights = try SafetensorsWriter.write(tensors, to: path(AdapterFolder.weightsFile))
      for file in small + [weights] { try file.commit() }
      return
    }
    let shards = ShardPlan(tensors, shardBytes: shardBytes)
    let weights = try shards.shards.map { try SafetensorsWriter.write($0.tensors, to: path($0.name)) }
    let index = try shards.index.map { try stage(json($0), ShardPlan.indexName) }

    // From here on only names change. An old index that speaks of a file that is about to be replaced goes first: a
    // folder without an index fails to load, and one that mixes two models would not.
    let old = OldWeights(folder)
    if old.index != nil, !old.shards.isDisjoint(with: shards.shards.map(\.name)) { try old.removeIndex() }
    for file in small + weights { try file.commit() }
    try index?.commit()
    try old.remove(keeping: Set(shards.shards.map(\.name) + (index == nil ? [] : [ShardPlan.indexName])))
  }

  private func validate(_ tensors: [OutputTensor], _ folder: URL) throws {
    for tensor in tensors {
      let name = quoted(tensor.name)
      guard [.float32, .float16, .bfloat16].contains(tensor.elementType) else {
        throw ModelFileError(folder.path, "tensor \(name) cannot be written as \(tensor.elementType.torchName)")
      }
      guard let count = checkedProduct(tensor.shape), count < Int.max / 16 else {
        throw ModelFileError(folder.path, "tensor \(name) cannot be written with shape \(tensor.shape)")
      }
    }
  }

  /// The source's configuration with what the new weights change: their type and their class.
  private func outputConfig(_ tensors: [OutputTensor]) -> JSON {
    guard var members = config.json.object else { return config.json }
    members["architectures"] = [.string(architecture)]
    let types = Set(tensors.map(\.elementType))
    if let type = types.first, types.count == 1 {
      // transformers 5 writes `dtype` and reads both; 4 knows `torch_dtype`.
      let keys = ["dtype", "torch_dtype"].filter { members[$0] != nil }
      for key in keys.isEmpty ? ["torch_dtype"] : keys { members[key] = .string(type.torchName) }
    }
    return .object(members)
  }
}
