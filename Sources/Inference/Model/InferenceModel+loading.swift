import Llama
import ModelFiles
import Torch

extension InferenceModel {
  /// Reads a model's weights, whatever type they are stored in, one matrix after the other.
  /// - Parameter progress: told after each matrix how many of the files' bytes have been read, and of how many.
  /// - Throws: `ModelFileError` where tensors are missing, unexpected, or of the wrong shape; `TorchError`.
  public convenience init(
    _ folder: ModelFolder, format: WeightFormat = .float32, progress: (_ read: Int, _ total: Int) -> Void = { _, _ in }
  ) throws {
    let files = try folder.openWeights()
    try files.check(against: folder.config)
    let layout = ParameterLayout(folder.config)
    var reading = WeightReading(files, layout.entries.map(\.name))
    try self.init(config: folder.config, format: format) { names in
      let entries = names.compactMap { layout[$0] }
      guard let first = entries.first, entries.count == names.count else { return nil }
      let rows = entries.map { $0.shape[0] }.reduce(0, +)
      let tensor = try Tensor(uninitialized: [rows] + first.shape.dropFirst())
      var offset = 0
      for entry in entries {
        try reading.read(
          entry.name, into: UnsafeMutableBufferPointer(start: tensor.floats + offset, count: entry.count))
        offset += entry.count
      }
      progress(reading.done, reading.total)
      return tensor
    }
  }

  /// A model that shares its float32 weights with one that trains: it follows their updates.
  public convenience init(_ model: LlamaModel) throws {
    try self.init(config: model.config, format: .float32) { model.parameters.joinedValues($0) }
  }
}
