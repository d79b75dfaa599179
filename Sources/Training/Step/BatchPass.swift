import Alignment
import Llama
import Objectives
import Torch
import Wording

/// Runs a model over batches of examples: forward, the head, the objective, and backward.
///
/// A batch goes through in micro-batches of at most `microTokens` computed tokens, each micro-batch through the head in groups
/// of examples, and an example whose activations exceed `activationBytes` computes some layers twice. So memory stays flat, and
/// none of it changes the result beyond rounding.
public struct BatchPass {
  let model: LlamaModel
  let head: any Head
  let objective: any Objective
  let microTokens: Int
  let activationBytes: Int
  /// The most rows of logits (V floats each) that are held at once.
  let logitRows: Int

  /// A pass of a model towards an objective.
  /// - Parameters:
  ///   - head: what the objective sees of the model; without it, log-probabilities.
  ///   - microTokens: the most tokens that are computed at once; a longer example goes alone.
  ///   - activationBytes: the most that activations may take; where a micro-batch would need more, as few layers as possible
  ///     are computed again for the backward.
  ///   - logitRows: the most rows of logits held at once; by default half as many as tokens.
  public init(
    model: LlamaModel, head: (any Head)? = nil, objective: any Objective, microTokens: Int,
    activationBytes: Int = .max, logitRows: Int? = nil
  ) {
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
    batch.map { objective.weight(of: scored($0)) }.reduce(0, +)
  }

  /// Adds the gradient of a batch's loss to the model's gradients.
  /// - Parameter weight: what the losses are divided by; that of the whole batch, where this is a part of one.
  /// - Throws: `TrainingError` naming the record whose loss is not a number.
  public func train(_ batch: [TrainingExample], weight: Double) throws -> BatchResult {
    var result = BatchResult(weight: weight)
    for micro in MicroBatches.split(batch, budget: microTokens) {
      let packed = pack(micro)
      let places = head.places(in: packed)
      let (hidden, activations) = try model.forward(packed, keeping: keeping(packed), reading: Array(places.joined()))
      let hiddenGradient = try Tensor(zeros: hidden.shape)
      try forEachGroup(micro, places, hidden) { group, chunked in
        let slopes = try evaluate(group, chunked.values, into: &result)
        try chunked.backward(slopes, addingTo: hiddenGradient)
      }
      try model.backward(hiddenGradient, activations)
    }
    return result
  }

  /// The loss of a batch, without gradients.
  public func evaluate(_ batch: [TrainingExample]) throws -> BatchResult {
    var result = BatchResult(weight: weight(of: batch))
    for micro in MicroBatches.split(batch, budget: microTokens) {
      try score(micro) { group, values in _ = try evaluate(group, values, into: &result) }
    }
    return result
  }

  /// The head's numbers for each sequence of each example of a micro-batch.
  /// - Throws: `TrainingError` naming the record one of whose numbers is not one.
  public func values(_ micro: ArraySlice<TrainingExample>) throws -> [[[Float]]] {
    var all: [[[Float]]] = []
    try score(micro) { group, values in
      for (example, own) in zip(group, split(values, group)) {
        guard own.allSatisfy({ $0.allSatisfy(\.isFinite) }) else {
          throw TrainingError(
            "the model's log-probability of \(example.location) is not a number; its weights are damaged")
        }
        all.append(own)
      }
    }
    return all
  }

  private func keeping(_ packed: PackedBatch) -> LlamaModel.Keeping {
    .activations(
      recomputing: ActivationMemory(model.config).recomputedLayers(tokens: packed.tokens.count, budget: activationBytes)
    )
  }

  private func score(
    _ micro: ArraySlice<TrainingExample>, _ body: (ArraySlice<TrainingExample>, [Float]) throws -> Void
  ) throws {
    let packed = pack(micro)
    let places = head.places(in: packed)
    let (hidden, _) = try model.forward(packed, keeping: .nothing, reading: Array(places.joined()))
    // Cut as in training, so that a policy that still is its reference repeats its arithmetic.
    try forEachGroup(micro, places, hidden) { group, chunked in try body(group, chunked.values) }
  }

  private func pack(_ micro: ArraySlice<TrainingExample>) -> PackedBatch {
    var packed = PackedBatch()
    for example in micro { packed.append(example.sequences) }
    return packed
  }

  /// Runs of a micro-batch's examples whose places fill at most `logitRows`, or one example that exceeds it.
  private func forEachGroup(
    _ micro: ArraySlice<TrainingExample>, _ places: [[PackedBatch.Place]], _ hidden: Tensor,
    _ body: (ArraySlice<TrainingExample>, ChunkedValues) throws -> Void
  ) throws {
    var rest = places[...]
    for range in MicroBatches.ranges(of: micro.map { scored($0).counts.reduce(0, +) }, budget: logitRows) {
      let group = micro[micro.startIndex + range.lowerBound..<micro.startIndex + range.upperBound]
      let own = rest.prefix(group.map(\.sequences.count).reduce(0, +))
      rest = rest.dropFirst(own.count)
      try body(
        group,
        ChunkedValues(head: head, places: Array(own.joined()), hidden: hidden, logitRows: logitRows))
    }
  }

  private func scored(_ example: TrainingExample) -> ScoredExample {
    ScoredExample(counts: example.sequences.map(head.placeCount), columns: example.columns)
  }

  /// Asks the objective about a group; returns dLoss/dvalue for each of its places.
  private func evaluate(
    _ group: ArraySlice<TrainingExample>, _ values: [Float], into result: inout BatchResult
  ) throws -> [Float] {
    var slopes: [Float] = []
    slopes.reserveCapacity(values.count)
    for (example, values) in zip(group, split(values, group)) {
      let loss = objective.loss(of: scored(example), values: values)
      guard loss.loss.isFinite else {
        throw TrainingError(
          "the loss is not a number at \(example.location); lower \(setting: "learning-rate"), or look at that record")
      }
      result.add(loss, example)
      for own in loss.slopes { for slope in own { slopes.append(Float(slope / result.weight)) } }
    }
    precondition(slopes.count == values.count, "an objective gives one slope a place")
    return slopes
  }

  /// The numbers of consecutive sequences, example by example.
  private func split(_ values: [Float], _ examples: ArraySlice<TrainingExample>) -> [[[Float]]] {
    var rest = values[...]
    return examples.map { example in
      example.sequences.map { sequence in
        let own = rest.prefix(head.placeCount(of: sequence))
        rest = rest.dropFirst(own.count)
        return Array(own)
      }
    }
  }
}
