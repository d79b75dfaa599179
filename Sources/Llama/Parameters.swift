import ModelFiles
import Torch
import Wording

/// A model's parameters in one flat float32 block, and their gradients in another.
///
/// One block each makes the optimizer, the gradient's norm and a checkpoint a single pass over memory.
public final class Parameters {
  /// What lies where.
  public let layout: ParameterLayout
  /// All parameters, flat.
  public let values: Tensor
  /// All gradients in the same order, where the model trains.
  public let gradients: Tensor?

  /// Room for the parameters of a layout, undefined until they are loaded; with gradients of zero where `training`.
  public init(layout: ParameterLayout, training: Bool) throws {
    self.layout = layout
    values = try Tensor(uninitialized: [layout.count])
    gradients = training ? try Tensor(zeros: [layout.count]) : nil
  }

  /// The values of one tensor.
  public func value(_ entry: ParameterLayout.Entry) -> Tensor { values.slice(from: entry.offset, shape: entry.shape) }

  /// The gradient of one tensor.
  public func gradient(_ entry: ParameterLayout.Entry) -> Tensor? {
    gradients?.slice(from: entry.offset, shape: entry.shape)
  }

  /// Neighbours as one, joined along their first dimension.
  /// - Throws: `LlamaError` where the layout lacks one of them, or they do not lie side by side in it.
  func joined(_ tensors: [Architecture.Tensor]) throws -> Parameter {
    let entries = try tensors.map { tensor in
      guard let entry = layout[tensor.name], entry.shape == tensor.shape else {
        throw LlamaError("the parameters have no \(tensor.name) of shape \(tensor.shape); they are another model's")
      }
      return entry
    }
    for (entry, next) in zip(entries, entries.dropFirst()) where entry.offset + entry.count != next.offset {
      throw LlamaError("\(next.name) does not follow \(entry.name) in memory, so no one product can serve both")
    }
    let shape = [entries.reduce(0) { $0 + $1.shape[0] }] + entries[0].shape.dropFirst()
    return Parameter(
      value: values.slice(from: entries[0].offset, shape: shape),
      gradient: gradients?.slice(from: entries[0].offset, shape: shape))
  }

  /// The values of neighbours as one tensor.
  package func joinedValues(_ tensors: [Architecture.Tensor]) throws -> Tensor { try joined(tensors).value }
}
