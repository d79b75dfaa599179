import Collectives
import ModelFiles
import Torch

/// What low-rank adaptation trains beside frozen weights (LoRA: Hu et al. 2021, arXiv 2106.09685): for some matrices W of a model two small
/// ones, of which W + s · B · A is made.
public final class Adapter {
  /// Its ranks, scales and matrices, and what it belongs to.
  public let config: AdapterConfig
  /// All A and B, under PEFT's names; always float32.
  public let parameters: Parameters
  /// What leaves out inputs while it trains; nil where nothing does.
  private(set) var dropout: Dropout?
  private let scales: [String: Double]
  private let ranks: [String: Int]
  /// The score that replaces the base's; nil where there is none.
  let score: Parameter?

  private init(
    _ config: AdapterConfig, of model: LlamaConfig,
    _ adapted: [(weight: Architecture.Tensor, rank: Int, scale: Double)], training: Bool,
    sharedBy owners: (any Communicator)?
  ) throws {
    self.config = config
    let scored = config.savesScore ? model.architecture.score : nil
    ranks = Dictionary(uniqueKeysWithValues: adapted.map { ($0.weight.name, $0.rank) })
    scales = Dictionary(uniqueKeysWithValues: adapted.map { ($0.weight.name, $0.scale) })
    let parameters = try Parameters(
      layout: ParameterLayout(adapting: adapted.map { ($0.weight, $0.rank) }, score: scored), training: training,
      sharedBy: owners)
    self.parameters = parameters
    score = try scored.map { try parameters.joined([$0.replaced]) }
  }

  /// A new adapter: A from U(−1/√in, 1/√in), as PEFT begins it, and B zero, so that at first it changes nothing.
  /// - Throws: `LlamaError` where its targets name none of the model's matrices.
  public convenience init(
    _ config: AdapterConfig, of model: LlamaConfig, sharedBy owners: (any Communicator)? = nil,
    using generator: inout some RandomNumberGenerator
  ) throws {
    let targets = config.targets ?? []
    for target in targets where !model.architecture.adaptable.contains(where: { $0.module.hasSuffix("." + target) }) {
      throw LlamaError("there is no matrix \(target) in the model's layers that an adapter could change")
    }
    let adapted = model.architecture.adaptable.filter { config.targets($0.module) }.map {
      (weight: $0, rank: config.rank(of: $0.module), scale: config.scale(of: $0.module))
    }
    try self.init(config, of: model, adapted, training: true, sharedBy: owners)
    for entry in parameters.layout.entries {
      parameters.value(entry).fillWithZeros()
      parameters.release(entry.range)
    }
    for (weight, rank, _) in adapted {
      guard let entry = parameters.layout[weight.factors(rank: rank).a.name] else { continue }
      let (value, bound) = (parameters.value(entry), 1 / Float(weight.shape[1]).squareRoot())
      for index in 0..<value.count { value.floats[index] = Float.random(in: -bound...bound, using: &generator) }
      parameters.release(entry.range)
    }
  }

  /// Reads a stored one.
  /// - Throws: `ModelFileError` where it is another model's, or damaged.
  public convenience init(
    _ folder: AdapterFolder, of model: LlamaConfig, training: Bool, sharedBy owners: (any Communicator)? = nil
  ) throws {
    let factors = try folder.factors(for: model)
    try self.init(
      folder.config, of: model, factors.map { ($0.weight, $0.rank, $0.scale) }, training: training, sharedBy: owners)
    if let stored = try folder.score(), let score {
      try stored.readFloats(into: score.value.buffer)
      parameters.release(.score)
    }
    for stored in factors {
      let (a, b) = stored.weight.factors(rank: stored.rank)
      let numbers = try stored.floats()
      for (name, floats) in [(a.name, numbers.a), (b.name, numbers.b)] {
        guard let entry = parameters.layout[name] else { continue }
        parameters.value(entry).floats.update(from: floats, count: floats.count)
        parameters.release(entry.range)
      }
    }
  }

  /// Another as it is now, which no longer changes.
  init(freezing other: Adapter) throws {
    (config, scales, ranks) = (other.config, other.scales, other.ranks)
    parameters = try Parameters(
      layout: other.parameters.layout, training: false, sharedBy: other.parameters.shards?.ranks)
    let scored = other.parameters.layout.entries.map(\.tensor).filter { $0.role == .score }
    score = try scored.isEmpty ? nil : parameters.joined(scored)
    for range in parameters.kept {
      (parameters.values.floats + range.lowerBound).update(
        from: other.parameters.values.floats + range.lowerBound, count: range.count)
    }
  }

  /// What it adds to the product of some matrices; nil where it changes none of them.
  func update(of linear: Architecture.Linear) throws -> LowRankUpdate? {
    let adapted = linear.weights.filter { ranks[$0.name] != nil }
    guard !adapted.isEmpty else { return nil }
    var (parts, column, rank): ([LowRankUpdate.Part], Int, Int) = ([], 0, 0)
    for weight in linear.weights {
      defer { column += weight.shape[0] }
      guard let own = ranks[weight.name], let scale = scales[weight.name] else { continue }
      parts.append(
        LowRankUpdate.Part(
          columns: column..<column + weight.shape[0], ranks: rank..<rank + own,
          b: try parameters.joined([weight.factors(rank: own).b]), scale: Float(scale)))
      rank += own
    }
    let a = adapted.map { $0.factors(rank: ranks[$0.name] ?? 0).a }
    return LowRankUpdate(
      a: try parameters.joined(a), parts: parts, dropout: dropout,
      site: UInt64(parameters.layout[a[0].name]?.offset ?? 0))
  }

  /// Whether it is known to change nothing: all B are zero, as of a new one. Of ranks that keep it together none knows all of it.
  var isIdle: Bool {
    parameters.shards == nil && score == nil
      && parameters.layout.entries.allSatisfy { entry in
        !entry.name.hasSuffix(".lora_B.weight") || parameters.value(entry).buffer.allSatisfy { $0 == 0 }
      }
  }

  /// Has inputs left out while it trains, as its configuration says.
  func beginDropout(seed: UInt64) {
    dropout = config.dropout > 0 ? Dropout(probability: Float(config.dropout), seed: seed) : nil
  }

  /// Begins a step of training: what it leaves out follows from the step's number.
  package func begin(step: Int) { dropout?.begin(step: step) }

  /// Leaves out passes that other processes compute.
  package func skip(passes: Int) { dropout?.skip(passes: passes) }
}
