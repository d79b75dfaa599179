import Alignment
import Collectives
import Llama
import Objectives
import Torch
import Wording

/// Runs a model over batches of examples: forward, the head, the objective, and backward.
///
/// A batch goes through in micro-batches of at most `microTokens` computed tokens, each micro-batch through the head in groups
/// of examples, and an example whose activations exceed `activationBytes` computes some layers twice. So memory stays flat, and
/// none of it changes the result beyond rounding. Several ranks split each batch, and each learns what all have found.
public struct BatchPass {
  let model: LlamaModel
  let head: any Head
  /// What the losses are.
  var objective: any Objective
  let microTokens: Int
  let activationBytes: Int
  /// The most rows of logits (V floats each) that are held at once.
  let logitRows: Int
  /// Who shares the work.
  let ranks: any Communicator

  /// A pass of a model towards an objective.
  /// - Parameters:
  ///   - head: what the objective sees of the model; without it, log-probabilities.
  ///   - microTokens: the most tokens that are computed at once; a longer example goes alone.
  ///   - activationBytes: the most that activations may take; where a micro-batch would need more, as few layers as possible
  ///     are computed again for the backward.
  ///   - logitRows: the most rows of logits held at once; by default half as many as tokens.
  ///   - ranks: the processes that share the work.
  public init(
    model: LlamaModel, head: (any Head)? = nil, objective: any Objective, microTokens: Int,
    activationBytes: Int = .max, logitRows: Int? = nil, among ranks: any Communicator = OneProcess()
  ) {
    self.ranks = ranks
    self.model = model
    self.head = head ?? model.vocabularyHead
    self.objective = objective
    self.microTokens = microTokens
    self.activationBytes = activationBytes
    self.logitRows = logitRows ?? Self.logitRows(microTokens: microTokens)
  }

  /// The most rows of logits (V floats each) that are held at once where nothing else is asked for.
  public static func logitRows(microTokens: Int) -> Int { max(64, microTokens / 2) }

  /// What a batch's losses are divided by.
  public func weight(of batch: [TrainingExample]) -> Double {
    scored(batch).map(objective.weight).reduce(0, +)
  }

  /// Lets the objective take note of a batch that is about to be trained on.
  mutating func note(_ batch: [TrainingExample]) throws {
    var noting = objective
    try noting.note(scored(batch)) { try values(of: batch) }
    objective = noting
  }

  /// Adds the gradient of a batch's loss, or of this rank's share of it, to the model's gradients.
  /// - Parameter weight: what the losses are divided by; that of the whole batch, where this is a part of one.
  /// - Throws: `TrainingError` naming the record whose loss is not a number.
  public func train(_ batch: [TrainingExample], weight: Double) throws -> BatchResult {
    var result = BatchResult(weight: weight, objective)
    let batch = try withBatchColumns(batch)
    // Passes are numbered throughout the batch, whoever computes them.
    model.adapter?.skip(passes: shares(of: batch)[..<ranks.rank].map(\.count).reduce(0, +))
    try eachMicroBatch(of: batch, training: true) { micro in
      let packed = Packed(micro, head)
      let (hidden, activations) = try model.forward(
        packed.batch, keeping: keeping(packed.batch), reading: packed.allPlaces)
      let hiddenGradient = try Tensor(zeros: hidden.shape)
      try model.usingHead(training: true) {
        for group in packed.groups(logitRows: logitRows) {
          let values = try values(of: group, hidden)
          let slopes = try evaluate(group.split(values.values), group, values, into: &result)
          try values.backward(slopes, addingTo: hiddenGradient)
        }
      }
      try model.backward(hiddenGradient, activations)
    }
    return try joined(result)
  }

  /// The loss of a batch, without gradients; where a reference has scored it, also how far the model has moved from it.
  public func evaluate(_ batch: [TrainingExample]) throws -> BatchResult {
    var result = BatchResult(weight: weight(of: batch), objective)
    try eachMicroBatch(of: withBatchColumns(batch), training: false) { micro in
      try score(micro) { group, values in
        let parts = group.split(values.values)
        _ = try evaluate(parts, group, values, into: &result)
        for (example, values) in parts {
          let weight = objective.weight(of: example.scored(counts: values.map(\.count)))
          result.addLogRatio(of: example, values, weight: weight)
        }
      }
    }
    return try joined(result)
  }

  /// What all ranks have found. A loss that is no number ends the pass here and not where it arose: other ranks may still need this
  /// one's part of the model, and all should end alike.
  private func joined(_ result: BatchResult) throws -> BatchResult {
    let result = try result.joined(among: ranks)
    if let location = result.divergence {
      throw TrainingError(
        "the loss is not a number at \(location); lower \(setting: "learning-rate"), or look at that record",
        isDivergence: true)
    }
    return result
  }

  /// The head's numbers for each sequence of each example of a micro-batch.
  /// - Throws: `TrainingError` naming the record one of whose numbers is not one.
  public func values(_ micro: ArraySlice<TrainingExample>) throws -> [[[Float]]] {
    let values = try uncheckedValues(micro)
    try check(values, of: micro, isTraining: false)
    return values
  }

  /// The head's numbers for each sequence of each example of a batch.
  /// - Throws: `TrainingError` as `values(_:)`, on all ranks.
  package func values(of batch: [TrainingExample]) throws -> [[[Float]]] {
    var values: [[[Float]]] = []
    try eachMicroBatch(of: batch, training: false) { values += try uncheckedValues($0) }
    if ranks.count > 1 {
      var all = Array(try ranks.gather(values.joined().flatMap(\.self)).joined())[...]
      values = batch.map { example in
        example.sequences.map { sequence in
          let count = head.placeCount(of: sequence)
          defer { all = all.dropFirst(count) }
          return Array(all.prefix(count))
        }
      }
    }
    try check(values, of: batch[...], isTraining: true)
    return values
  }

  private func uncheckedValues(_ micro: ArraySlice<TrainingExample>) throws -> [[[Float]]] {
    var all: [[[Float]]] = []
    try score(micro) { group, values in all += group.split(values.values).map(\.1) }
    return all
  }

  private func check(
    _ values: [[[Float]]], of examples: ArraySlice<TrainingExample>, isTraining: Bool
  ) throws {
    for (example, own) in zip(examples, values) where !own.allSatisfy({ $0.allSatisfy(\.isFinite) }) {
      throw TrainingError(
        "the model's log-probability of \(example.location) is not a number: its weights are damaged, or its training has "
          + "diverged", isDivergence: isTraining)
    }
  }

  /// The micro-batches of each rank.
  func shares(of batch: [TrainingExample]) -> [[ArraySlice<TrainingExample>]] {
    MicroBatches.shares(of: batch, among: ranks.count).map { share in
      MicroBatches.ranges(of: batch[share].map(\.packedCount), budget: microTokens).map { range in
        batch[share.lowerBound + range.lowerBound..<share.lowerBound + range.upperBound]
      }
    }
  }

  /// Calls `body` with each micro-batch of this rank. Where ranks keep the model together, those with fewer stand by for the others.
  func eachMicroBatch(
    of batch: [TrainingExample], training: Bool, _ body: (ArraySlice<TrainingExample>) throws -> Void
  ) throws {
    let shares = shares(of: batch)
    for micro in shares[ranks.rank] { try body(micro) }
    guard model.isShared else { return }
    let most = shares.map(\.count).max() ?? 0
    for _ in shares[ranks.rank].count..<most { try model.standBy(training: training) }
  }

  /// A batch with what its companions say, and then what its examples' losses take from one another.
  private func withBatchColumns(_ batch: [TrainingExample]) throws -> [TrainingExample] {
    var batch = batch
    if let companions = batch.companions {
      for (index, values) in zip(batch.indices, try values(of: companions)) {
        batch[index].columns[.companions] = values.map { [$0.reduce(0.0) { $0 + Double($1) }] }
      }
    }
    let columns = try objective.batchColumns(of: scored(batch)) { try values(of: batch) }
    for (index, columns) in zip(batch.indices, columns ?? []) { batch[index].columns.merge(columns) { $1 } }
    return batch
  }

  private func scored(_ batch: [TrainingExample]) -> [ScoredExample] {
    batch.map { $0.scored(counts: $0.sequences.map(head.placeCount)) }
  }

  private func keeping(_ batch: PackedBatch) -> LlamaModel.Keeping {
    .activations(
      recomputing: ActivationMemory(model.config).recomputedLayers(tokens: batch.tokens.count, budget: activationBytes))
  }

  private func score(
    _ micro: ArraySlice<TrainingExample>, _ body: (Packed.Group, ChunkedValues) throws -> Void
  ) throws {
    let packed = Packed(micro, head)
    let (hidden, _) = try model.forward(packed.batch, keeping: .nothing, reading: packed.allPlaces)
    // Cut as in training, so that a policy that still is its reference repeats its arithmetic.
    try model.usingHead(training: false) {
      for group in packed.groups(logitRows: logitRows) { try body(group, values(of: group, hidden)) }
    }
  }

  private func values(of group: Packed.Group, _ hidden: Tensor) throws -> ChunkedValues {
    try ChunkedValues(head: head, places: Array(group.places.joined()), hidden: hidden, logitRows: logitRows)
  }

  /// Asks the objective about a group; returns dLoss/dvalue for each of its places.
  /// - Parameter parts: the group's examples with their values.
  private func evaluate(
    _ parts: [(TrainingExample, [[Float]])], _ group: Packed.Group, _ values: ChunkedValues,
    into result: inout BatchResult
  ) throws -> [Float] {
    var slopes: [Float] = []
    slopes.reserveCapacity(values.values.count)
    let beside = values.beside.map { (Column($0), group.split($1)) }
    for (index, (example, values)) in parts.enumerated() {
      var example = example
      for (column, numbers) in beside { example.columns[column] = numbers[index].1.map { $0.map(Double.init) } }
      let scored = example.scored(counts: values.map(\.count))
      let loss = objective.loss(of: scored, values: values)
      result.add(loss, example, weight: objective.weight(of: scored))
      // A batch that weighs nothing has nothing to teach.
      for slope in loss.slopes.joined() { slopes.append(result.weight == 0 ? 0 : Float(slope / result.weight)) }
    }
    precondition(slopes.count == values.values.count, "an objective gives one slope a place")
    return slopes
  }
}

/// A micro-batch as the model reads it, with the places that a head wants.
private struct Packed {
  let examples: ArraySlice<TrainingExample>
  private(set) var batch = PackedBatch()
  /// For each sequence of each example.
  let places: [[PackedBatch.Place]]

  init(_ examples: ArraySlice<TrainingExample>, _ head: any Head) {
    self.examples = examples
    for example in examples { batch.append(example.sequences) }
    places = head.places(in: batch)
  }

  var allPlaces: [PackedBatch.Place] { Array(places.joined()) }

  /// Consecutive examples, with the places of their sequences.
  struct Group {
    let examples: ArraySlice<TrainingExample>
    let places: ArraySlice<[PackedBatch.Place]>

    /// A number for each place as each example's sequences have them.
    func split(_ values: [Float]) -> [(TrainingExample, [[Float]])] {
      var (places, values) = (places, values[...])
      return examples.map { example in
        let own = places.prefix(example.sequences.count).map { places in
          defer { values = values.dropFirst(places.count) }
          return Array(values.prefix(places.count))
        }
        places = places.dropFirst(own.count)
        return (example, own)
      }
    }
  }

  /// Runs of examples whose places fill at most `logitRows`, or one example that exceeds it.
  func groups(logitRows: Int) -> [Group] {
    var all = places[...]
    let own = examples.map { example in
      defer { all = all.dropFirst(example.sequences.count) }
      return all.prefix(example.sequences.count)
    }
    let counts = own.map { $0.reduce(0) { $0 + $1.count } }
    return MicroBatches.ranges(of: counts, budget: logitRows).map { range in
      Group(
        examples: examples.dropFirst(range.lowerBound).prefix(range.count),
        places: places[own[range.lowerBound].startIndex..<own[range.upperBound - 1].endIndex])
    }
  }
}

extension TrainingExample {
  fileprivate func scored(counts: [Int]) -> ScoredExample { ScoredExample(counts: counts, columns: columns) }
}

extension [TrainingExample] {
  /// Their companions as examples of their own; nil where there are none.
  package var companions: [TrainingExample]? {
    guard contains(where: { !$0.companions.isEmpty }) else { return nil }
    return map { TrainingExample(sequences: $0.companions, location: $0.location) }
  }
}
