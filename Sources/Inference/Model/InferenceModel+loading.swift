import Llama
import ModelFiles
import Torch

extension InferenceModel {
  /// Reads a model's weights, whatever type they are stored in, one matrix after the other. An adapter is merged into the float32
  /// numbers of each before they are rounded.
  /// - Parameter progress: told after each matrix how many of the files' bytes have been read, and of how many.
  /// - Throws: `ModelFileError` where tensors are missing, unexpected, or of the wrong shape; `TorchError`.
  public convenience init(
    _ folder: ModelFolder, format: WeightFormat = .float32, progress: (_ read: Int, _ total: Int) -> Void = { _, _ in }
  ) throws {
    try folder.requireLanguageModel()
    let files = try folder.openWeights()
    try files.check(against: folder.config)
    let adapter = try folder.adapter.map { try Adapter($0, of: folder.config, training: false) }
    var reading = WeightReading(files, folder.config.architecture.tensors.map(\.name))
    try self.init(config: folder.config, format: format) { tensors in
      let rows = tensors.reduce(0) { $0 + $1.shape[0] }
      let joined = try Tensor(uninitialized: [rows] + tensors[0].shape.dropFirst())
      var offset = 0
      for tensor in tensors {
        try reading.read(
          tensor.name, into: UnsafeMutableBufferPointer(start: joined.floats + offset, count: tensor.count))
        offset += tensor.count
      }
      try adapter?.merge(into: joined, of: tensors)
      progress(reading.done, reading.total)
      return joined
    }
  }
}
