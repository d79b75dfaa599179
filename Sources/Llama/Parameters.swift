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

  /// The tensors of these names as one, joined along their first dimension, as they are neighbours in the layout; nil
  /// where the model lacks them.
  func joined(_ names: [String]) -> Parameter? {
    let entries = names.compactMap { layout[$0] }
    guard let first = entries.first, entries.count == names.count else { return nil }
    let shape = [entries.map { $0.shape[0] }.reduce(0, +)] + first.shape.dropFirst()
    return Parameter(
      value: values.slice(from: first.offset, shape: shape),
      gradient: gradients?.slice(from: first.offset, shape: shape))
  }

  /// The values of the tensors of these names as one; nil where the model lacks them.
  package func joinedValues(_ names: [String]) -> Tensor? { joined(names)?.value }

  /// The tensor of a name that every model of the architecture has.
  func required(_ names: String...) throws -> Parameter {
    guard let parameter = joined(names) else { throw LlamaError("the model has no \(names.joined(separator: ", "))") }
    return parameter
  }
}
