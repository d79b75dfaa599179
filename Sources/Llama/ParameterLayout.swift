import ModelFiles

/// Where each named tensor lies in the one flat block that holds a model's parameters.
///
/// Tensors that are multiplied by the same input are neighbours (queries, keys and values; gate and up), so that one
/// matrix product serves all of them; on disk each keeps its own name. A group, as a layer is one, is one range of the block.
public struct ParameterLayout: Sendable {
  /// One tensor of the model.
  public struct Entry: Sendable {
    /// The tensor.
    public let tensor: Architecture.Tensor
    /// Its first element's place in the block.
    public let offset: Int

    /// Its name in Hugging Face's files, as in `model.layers.0.self_attn.q_proj.weight`.
    public var name: String { tensor.name }
    /// Its extent in each dimension.
    public var shape: [Int] { tensor.shape }
    /// The number of its elements.
    public var count: Int { tensor.count }
    /// Its place in the block.
    public var range: Range<Int> { offset..<offset + count }
    /// Whether weight decay applies: as in transformers, to all but biases and norms, which are the vectors.
    public var decays: Bool { shape.count > 1 }
  }

  /// All tensors, in the order of the block.
  public private(set) var entries: [Entry] = []
  /// The number of parameters.
  public private(set) var count = 0
  /// The range of each group, in the order of the block.
  public private(set) var groups: [(group: Architecture.Group, range: Range<Int>)] = []
  private var indices: [String: Int] = [:]

  /// The layout of a model with this configuration: of each group the matrices and norms in the order in which the model
  /// uses them, then the biases.
  /// - Parameter isIncluded: which of its tensors the block holds.
  public init(_ config: LlamaConfig, where isIncluded: (Architecture.Tensor) -> Bool = { _ in true }) {
    self.init(config.architecture.tensorsInMemory.filter(isIncluded))
  }

  /// Tensors in this order.
  init(_ tensors: [Architecture.Tensor]) {
    for tensor in tensors {
      indices[tensor.name] = entries.count
      entries.append(Entry(tensor: tensor, offset: count))
      let start = groups.last?.group == tensor.group ? groups.removeLast().range.lowerBound : count
      count += tensor.count
      groups.append((tensor.group, start..<count))
    }
  }

  /// The tensor of that name, where the model has one.
  public subscript(name: String) -> Entry? { indices[name].map { entries[$0] } }
}
