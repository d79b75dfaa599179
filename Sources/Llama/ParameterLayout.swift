import ModelFiles

/// Where each named tensor lies in the one flat block that holds a model's parameters.
///
/// Tensors that are multiplied by the same input are neighbours (queries, keys and values; gate and up), so that one
/// matrix product serves all of them; on disk each keeps its own name.
public struct ParameterLayout: Sendable {
  /// One tensor of the model.
  public struct Entry: Sendable {
    /// Its name in Hugging Face's files, as in `model.layers.0.self_attn.q_proj.weight`.
    public let name: String
    /// Its extent in each dimension.
    public let shape: [Int]
    /// Its first element's place in the block.
    public let offset: Int

    /// The number of its elements.
    public var count: Int { shape.reduce(1, *) }
    /// Whether weight decay applies: as in transformers, to all but biases and norms, which are the vectors.
    public var decays: Bool { shape.count > 1 }
  }

  /// All tensors, in the order of the block.
  public private(set) var entries: [Entry] = []
  /// The number of parameters.
  public private(set) var count = 0
  private var indices: [String: Int] = [:]

  /// The layout of a model with this configuration: all matrices and norms in the order in which the model uses them,
  /// then all biases.
  public init(_ config: LlamaConfig) {
    let parameters = config.parameters
    for (name, shape) in parameters.filter({ $0.name.hasSuffix(".weight") })
      + parameters.filter({ !$0.name.hasSuffix(".weight") })
    {
      indices[name] = entries.count
      entries.append(Entry(name: name, shape: shape, offset: count))
      count += shape.reduce(1, *)
    }
  }

  /// The tensor of that name, where the model has one.
  public subscript(name: String) -> Entry? { indices[name].map { entries[$0] } }
}
