import ModelFiles
import Torch

extension ModelFolder {
  /// The model's tensors, each merged in float32 with what the adapter adds when its turn comes.
  /// - Parameter progress: called with the number of elements before each tensor is written.
  /// - Throws: `ModelFileError` where weights or adapter are not whole.
  package func mergedTensors(
    _ elementType: ElementType, progress: @escaping (Int) -> Void = { _ in }
  ) throws -> [OutputTensor] {
    let weights = try openWeights()
    let adapter = try adapter.map { try Adapter($0, of: config, training: false) }
    let score = try self.adapter?.score()
    return config.architecture.tensors.map { tensor in
      if tensor.role == .score, let score {
        return OutputTensor(name: tensor.name, elementType: elementType, shape: tensor.shape) { body in
          progress(tensor.count)
          try score.floats().withUnsafeBufferPointer(body)
        }
      }
      return mergedTensor(tensor, weights, adapter, elementType, progress)
    }
  }

  private func mergedTensor(
    _ tensor: Architecture.Tensor, _ weights: WeightFiles, _ adapter: Adapter?, _ elementType: ElementType,
    _ progress: @escaping (Int) -> Void
  ) -> OutputTensor {
    OutputTensor(name: tensor.name, elementType: elementType, shape: tensor.shape) { body in
      let value = try Tensor(uninitialized: tensor.shape)
      try weights.readFloats(tensor.name, into: UnsafeMutableBufferPointer(start: value.floats, count: value.count))
      try adapter?.merge(into: value, of: [tensor])
      progress(value.count)
      try body(UnsafeBufferPointer(start: value.floats, count: value.count))
    }
  }
}
