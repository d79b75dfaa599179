import ModelFiles
import Torch

extension LlamaModel {
  /// Reads a model's weights as float32, whatever type they are stored in.
  /// - Parameter training: whether gradients will be needed.
  /// - Throws: `ModelFileError` where tensors are missing, unexpected, or of the wrong shape; `TorchError`.
  public convenience init(_ folder: ModelFolder, training: Bool) throws {
    let weights = try folder.openWeights()
    try weights.check(against: folder.config)
    let parameters = try Parameters(layout: ParameterLayout(folder.config), training: training)
    for entry in parameters.layout.entries {
      let value = parameters.value(entry)
      try weights.readFloats(entry.name, into: UnsafeMutableBufferPointer(start: value.floats, count: value.count))
    }
    try self.init(config: folder.config, parameters: parameters)
  }

  /// The tensors as they are written to a model folder.
  public func outputTensors(_ elementType: ElementType) -> [OutputTensor] {
    parameters.layout.entries.map { entry in
      let value = parameters.value(entry)
      return OutputTensor(name: entry.name, elementType: elementType, shape: entry.shape) { body in
        try body(UnsafeBufferPointer(start: value.floats, count: value.count))
      }
    }
  }
}
