import Foundation
import JSON
import ModelFiles

/// A model with its tokenizer and chat template, to be written as the one GGUF file that llama.cpp and its kin read.
///
///     let model = try GGUFModel(ModelFolder(url), name: "assistant", as: .q8_0)
///     model.notes.forEach { print($0) }
///     try model.write(to: "assistant.gguf")
///
/// Names, order of rows and metadata are those of llama.cpp's own converter: matrices have the type that was asked for,
/// norms and biases float32.
public struct GGUFModel {
  /// What the file has otherwise than was asked for, and what llama.cpp does otherwise than the model's folder says.
  public let notes: [String]
  private let file: GGUFFile

  init(notes: [String], file: GGUFFile) { (self.notes, self.file) = (notes, file) }

  /// Reads configuration and tokenizer, and opens the weights.
  /// - Parameters:
  ///   - name: What the file says that the model is called.
  ///   - type: How matrices are stored. Where rows have no whole number of Q8_0's blocks, it is float16.
  ///   - rounding: How they become bfloat16, where that is the type.
  /// - Throws: `ModelFileError`, `TokenizerError`; also where llama.cpp has no such model.
  public init(
    _ folder: ModelFolder, name: String, as type: GGUFTensorType, rounding: WeightRounding = .dithered
  ) throws {
    try folder.requireLanguageModel()
    let config = folder.config
    let vocabulary = try GGUFVocabulary(folder)
    let (tensors, narrow) = try Self.tensors(folder, as: type, rounding)
    var notes = vocabulary.notes
    if let first = narrow.first {
      notes.append(
        "\(narrow.count) of \(tensors.count) tensors are float16: their rows are not a multiple of \(type.blockSize) "
          + "(\(first.name): \(first.shape.last ?? 0))")
    }
    if let window = config.slidingWindow, window < config.maxPositions, !config.ggufKeepsWindows {
      notes.append("llama.cpp lets every token see all before it, also beyond the model's window of \(window) tokens")
    }
    if case .dynamic(_, let positions) = config.ropeScaling {
      notes.append("llama.cpp knows no dynamic rotary scaling; the file is right for up to \(positions) tokens")
    }
    self.notes = notes

    var metadata: TextKeyed<MetadataValue> = [
      "general.architecture": .text(config.ggufArchitecture),
      "general.type": .text("model"),
      "general.name": .text(name),
      "general.size_label": .text(Self.sizeLabel(config.architecture.parameterCount)),
      "general.file_type": .uint32(type.fileType),
      "general.quantization_version": .uint32(2),
    ]
    metadata.merge(config.ggufMetadata) { $1 }
    metadata.merge(vocabulary.metadata) { $1 }
    file = GGUFFile(metadata: metadata, tensors: tensors)
  }

  /// Bytes that the file will have.
  public var byteCount: Int { file.byteCount }

  /// Writes the file at `path`, whole or not at all. Memory stays within a few megabytes beside the mapped weights.
  /// - Parameter progress: Called with the number of bytes of each part that is written.
  /// - Throws: `ModelFileError`, also where the disk has not enough room or the path has a file of another kind.
  public func write(to path: String, progress: (Int) -> Void = { _ in }) throws {
    try Self.check(path)
    let folder = Path.folder(of: path)
    try DiskSpace.require(byteCount, at: URL(filePath: folder.isEmpty ? "." : folder))
    try file.write(to: path, progress: progress)
  }

  /// Refuses to replace what is no GGUF file, such as the model's own weights.
  private static func check(_ path: String) throws {
    var isFolder: ObjCBool = false
    guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else {
      let folder = Path.folder(of: path)
      guard folder.isEmpty || FileManager.default.fileExists(atPath: folder) else {
        throw ModelFileError(path, "the folder \(folder) does not exist; make it first")
      }
      return
    }
    guard !isFolder.boolValue else { throw ModelFileError(path, "is a folder; name a file") }
    var status = stat()
    guard stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFREG,
      let start = try? FileHandle(forReadingFrom: URL(filePath: path)).read(upToCount: 4),
      start.elementsEqual("GGUF".utf8)
    else { throw ModelFileError(path, "is there already and is no GGUF file; name another") }
  }

  /// The tensors in the model's order, and those among them that could not have the type.
  private static func tensors(
    _ folder: ModelFolder, as type: GGUFTensorType, _ rounding: WeightRounding
  ) throws -> (all: [GGUFTensor], narrow: [GGUFTensor]) {
    let config = folder.config
    let weights = try folder.openWeights()
    let places = type == .bfloat16 && rounding == .dithered ? config.architecture.places : [:]
    var all: [GGUFTensor] = []
    var narrow: [GGUFTensor] = []
    if let obstacle = config.ggufObstacle {
      throw ModelFileError(
        folder.url.path, "llama.cpp does not know \(obstacle) in models of type \(config.modelType.rawValue)")
    }
    for (name, factors) in config.ggufRotaryTensors {
      all.append(GGUFTensor(name: name, shape: [factors.count], type: .float32, source: .numbers(factors)))
    }
    for tensor in config.architecture.tensors {
      let (stored, shape) = (try weights.tensor(tensor.name), tensor.shape)
      let isReordered = config.ggufInterleavesHeads && [.query, .key].contains(tensor.role)
      let isWhole = (shape.last ?? 0) % type.blockSize == 0
      let source: GGUFTensor.Source =
        isReordered
        ? .reordered(stored, HeadRows(headSize: config.headSize))
        : tensor.isNorm && config.family.normOffset != 0
          ? .numbers(try stored.floats().map { $0 + config.family.normOffset }) : .stored(stored)
      var written = GGUFTensor(
        name: tensor.ggufName, shape: shape, type: shape.count < 2 ? .float32 : isWhole ? type : .float16,
        source: source)
      if written.type == .bfloat16 { written.ditheredFrom = places[tensor.name] }
      if shape.count > 1, !isWhole { narrow.append(written) }
      all.append(written)
    }
    return (all, narrow)
  }

  /// A number of parameters in at least two digits: `260K`, `1.1B`.
  private static func sizeLabel(_ count: Int) -> String {
    let (scaled, unit) =
      switch Double(count) {
      case let value where value > 1e12: (value * 1e-12, "T")
      case let value where value > 1e9: (value * 1e-9, "B")
      case let value where value > 1e6: (value * 1e-6, "M")
      case let value: (value * 1e-3, "K")
      }
    let rounded = scaled.rounded(.toNearestOrEven)
    return String(format: rounded >= 10 ? "%.0f" : rounded >= 1 ? "%.1f" : "%.2f", scaled) + unit
  }
}
