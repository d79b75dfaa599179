import Collectives
import ModelFiles
import Torch

/// A model's parameters in one flat float32 block, and the gradients of those that train in another.
///
/// One block each makes the optimizer, the gradient's norm and a checkpoint a single pass over memory. What is frozen has
/// no room there: no gradient, and no moment.
public final class Parameters {
  /// Parameters that train and lie one after the other.
  public struct TrainedRange: Sendable {
    /// Their place among all parameters.
    public let values: Range<Int>
    /// Their place among the gradients.
    public let gradients: Range<Int>

    /// Both have the same length.
    public init(values: Range<Int>, gradients: Range<Int>) {
      (self.values, self.gradients) = (values, gradients)
    }
  }

  /// What lies where.
  public let layout: ParameterLayout
  /// All parameters, flat.
  public let values: Tensor
  /// What trains, in the order of the block; groups that touch are one range.
  public let trained: [TrainedRange]
  /// How often the values were updated or replaced. Who keeps something that was computed with them sees by it that it is
  /// of yesterday.
  public private(set) var updateCount = 0
  /// The gradients of what trains, flat and in the same order; nil where nothing does. Where their sums are kept in bfloat16, a
  /// group's are here only until the backward is past it.
  public let gradients: Tensor?
  /// The sums of gradients, where they are kept in bfloat16.
  let narrow: NarrowGradients?
  /// The ranks that keep values and gradients together; nil where this process keeps all.
  public let shards: Shards?

  /// Room for the parameters of a layout, undefined until they are loaded; with gradients of zero where `training`.
  /// - Parameters:
  ///   - frozen: groups that do not train in any case.
  ///   - gradientType: what gradients are summed in: float32 or bfloat16.
  ///   - ranks: the processes that keep them together, each a part of every group; nil where this one keeps all.
  public init(
    layout: ParameterLayout, training: Bool, freezing frozen: Set<Architecture.Group> = [],
    gradientType: DType = .float32, sharedBy ranks: (any Communicator)? = nil
  ) throws {
    let groups = Set(layout.groups.map(\.group))
    if let unknown = frozen.first(where: { !groups.contains($0) }) {
      throw LlamaError("the model has no \(unknown) that could be frozen")
    }
    self.layout = layout
    shards = ranks.flatMap { $0.count > 1 ? Shards(layout, among: $0) : nil }
    let isShared = shards != nil
    values = try isShared ? Tensor(reserving: [layout.count]) : Tensor(uninitialized: [layout.count])
    trained = training ? Self.trained(layout, frozen) : []
    let count = trained.last?.gradients.upperBound
    let isNarrow = gradientType == .bfloat16
    gradients = try count.map { try isShared || isNarrow ? Tensor(reserving: [$0]) : Tensor(zeros: [$0]) }
    narrow = try isNarrow ? count.map(NarrowGradients.init) : nil
  }

  private static func trained(_ layout: ParameterLayout, _ frozen: Set<Architecture.Group>) -> [TrainedRange] {
    var ranges: [TrainedRange] = []
    for (group, range) in layout.groups where !frozen.contains(group) {
      let touches = ranges.last?.values.upperBound == range.lowerBound
      let place = ranges.last?.gradients.upperBound ?? 0
      let last = touches ? ranges.removeLast() : nil
      ranges.append(
        TrainedRange(
          values: (last?.values.lowerBound ?? range.lowerBound)..<range.upperBound,
          gradients: (last?.gradients.lowerBound ?? place)..<place + range.count))
    }
    return ranges
  }

  /// Says that the values are about to change.
  public func beginUpdate() { updateCount += 1 }

  /// The tensors that train, each with its place among the gradients.
  public var trainedEntries: [(entry: ParameterLayout.Entry, gradients: Range<Int>)] {
    layout.entries.compactMap { entry in gradientRange(entry.range).map { (entry, $0) } }
  }

  func gradientRange(_ values: Range<Int>) -> Range<Int>? {
    guard
      let range = trained.first(where: {
        $0.values.lowerBound <= values.lowerBound && values.upperBound <= $0.values.upperBound
      })
    else { return nil }
    let start = range.gradients.lowerBound + values.lowerBound - range.values.lowerBound
    return start..<start + values.count
  }

  /// The values of one tensor.
  public func value(_ entry: ParameterLayout.Entry) -> Tensor { values.slice(from: entry.offset, shape: entry.shape) }

  /// The gradient of one tensor; nil where it does not train.
  public func gradient(_ entry: ParameterLayout.Entry) -> Tensor? { gradient(entry.range, shape: entry.shape) }

  private func gradient(_ range: Range<Int>, shape: [Int]) -> Tensor? {
    gradientRange(range).flatMap { gradients?.slice(from: $0.lowerBound, shape: shape) }
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
    let range = entries[0].offset..<entries[0].offset + shape.reduce(1, *)
    return Parameter(
      value: values.slice(from: range.lowerBound, shape: shape), gradient: gradient(range, shape: shape),
      place: range.lowerBound)
  }

  /// The values of neighbours as one tensor.
  package func joinedValues(_ tensors: [Architecture.Tensor]) throws -> Tensor { try joined(tensors).value }
}

/// A tensor of the model, and the tensor of the same shape that its gradient accumulates in.
///
/// Both are views into the flat blocks of `Parameters`.
struct Parameter {
  let value: Tensor
  /// Absent where it is frozen: nobody computes the gradient then.
  let gradient: Tensor?
  /// The place of the first number in the block.
  let place: Int
}
