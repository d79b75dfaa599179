import Llama
import Torch

/// Runs a model over batches of examples: forward, the objective, and backward.
///
/// A batch goes through in micro-batches of at most `microTokens` computed tokens, each micro-batch through the vocabulary
/// projection in groups of examples, and an example whose activations exceed `activationBytes` computes some layers twice.
/// So memory stays flat, and none of it changes the result beyond rounding.
public struct BatchPass {
  let model: LlamaModel
  package let examples: [TrainingExample]
  let objective: any Objective
  let microTokens: Int
  let activationBytes: Int
  /// The most rows of logits (V floats each) that are held at once.
  let logitRows: Int

  /// A pass over examples.
  /// - Parameters:
  ///   - microTokens: the most tokens that are computed at once; a longer example goes alone.
  ///   - activationBytes: the most that activations may take; where a micro-batch would need more, as few layers as possible
  ///     are computed again for the backward.
  ///   - logitRows: the most rows of logits held at once; by default half as many as tokens.
  public init(
    model: LlamaModel, examples: [TrainingExample], objective: any Objective, microTokens: Int,
    activationBytes: Int = .max, logitRows: Int? = nil
  ) {
    self.model = model
    self.examples = examples
    self.objective = objective
    self.microTokens = microTokens
    self.activationBytes = activationBytes
    self.logitRows = logitRows ?? Self.logitRows(microTokens: microTokens)
  }

  /// The most rows of logits (V floats each) that are held at once where nothing else is asked for.
  public static func logitRows(microTokens: Int) -> Int { max(64, microTokens / 2) }

  /// Adds the gradient of a batch's loss to the model's gradients.
  /// - Parameter batch: places in `examples`.
  /// - Throws: `AlignmentError` naming the record whose loss is not a number.
  public func train(_ batch: [Int]) throws -> BatchResult {
    var result = BatchResult(weight: batch.map { objective.weight(of: examples[$0]) }.reduce(0, +))
    for micro in MicroBatches.split(batch, of: examples, budget: microTokens) {
      let packed = pack(micro)
      let (hidden, activations) = try model.forward(packed, keeping: keeping(packed), scoredOnly: true)
      let hiddenGradient = try Tensor(zeros: hidden.shape)
      for group in groups(micro) {
        let tokens = scoredTokens(of: group, packed)
        let scored = try ChunkedScores(model: model, tokens: tokens, hidden: hidden, logitRows: logitRows)
        let coefficients = try evaluate(group, micro, scored.logProbabilities, into: &result)
        try scored.backward(coefficients, addingTo: hiddenGradient)
      }
      try model.backward(hiddenGradient, activations)
    }
    return result
  }

  /// The loss of a batch, without gradients.
  public func evaluate(_ batch: [Int]) throws -> BatchResult {
    var result = BatchResult(weight: batch.map { objective.weight(of: examples[$0]) }.reduce(0, +))
    for micro in MicroBatches.split(batch, of: examples, budget: microTokens) {
      try score(micro) { group, logProbabilities in
        _ = try evaluate(group, micro, logProbabilities, into: &result)
      }
    }
    return result
  }

  /// The sum of the scored log-probabilities of each sequence of each example of a micro-batch.
  /// - Throws: `AlignmentError` naming the record whose sum is not a number.
  public func sums(_ micro: [Int]) throws -> [[Double]] {
    var sums: [[Double]] = []
    try score(micro) { group, logProbabilities in
      let members = group.map { examples[micro[$0]] }
      for (example, own) in zip(members, split(logProbabilities, members)) {
        guard own.allSatisfy(\.isFinite) else {
          throw AlignmentError(
            "the model's log-probability of \(example.location) is not a number; its weights are damaged")
        }
        sums.append(own)
      }
    }
    return sums
  }

  private func keeping(_ packed: PackedBatch) -> LlamaModel.Keeping {
    .activations(
      recomputing: ActivationMemory(model.config).recomputedLayers(tokens: packed.tokens.count, budget: activationBytes)
    )
  }

  private func score(_ micro: [Int], _ body: (Range<Int>, [Float]) throws -> Void) throws {
    let packed = pack(micro)
    let (hidden, _) = try model.forward(packed, keeping: .nothing, scoredOnly: true)
    for group in groups(micro) {
      let tokens = scoredTokens(of: group, packed)
      // Cut as in training, so that a policy that still is its reference repeats its arithmetic.
      let scored = try ChunkedScores(model: model, tokens: tokens, hidden: hidden, logitRows: logitRows)
      try body(group, scored.logProbabilities)
    }
  }

  private func pack(_ micro: [Int]) -> PackedBatch {
    var packed = PackedBatch()
    for index in micro { packed.append(examples[index].sequences) }
    return packed
  }

  /// Runs of a micro-batch's examples whose scored tokens fill at most `logitRows`, or one example that exceeds it.
  private func groups(_ micro: [Int]) -> [Range<Int>] {
    MicroBatches.ranges(of: micro.map { examples[$0].scoredCount }, budget: logitRows)
  }

  private func scoredTokens(of group: Range<Int>, _ packed: PackedBatch) -> [PackedBatch.ScoredToken] {
    let width = examples.first?.sequences.count ?? 1
    return packed.scored[group.lowerBound * width..<group.upperBound * width].flatMap { $0 }
  }

  /// Asks the objective about a group; returns dLoss/dlog-probability for each of its scored tokens.
  private func evaluate(
    _ group: Range<Int>, _ micro: [Int], _ logProbabilities: [Float], into result: inout BatchResult
  ) throws -> [Float] {
    var coefficients: [Float] = []
    coefficients.reserveCapacity(logProbabilities.count)
    let members = group.map { micro[$0] }
    for (index, sums) in zip(members, split(logProbabilities, members.map { examples[$0] })) {
      let example = examples[index]
      let loss = objective.evaluate(example, at: index, sums: sums)
      guard loss.loss.isFinite else {
        throw AlignmentError(
          "the loss is not a number at \(example.location); lower --learning-rate, or look at that record")
      }
      result.add(loss, example)
      for (sequence, slope) in zip(example.sequences, loss.gradient) {
        coefficients += repeatElement(Float(slope / result.weight), count: sequence.scoredCount)
      }
    }
    return coefficients
  }

  /// Sums the log-probabilities of consecutive sequences, example by example.
  private func split(_ logProbabilities: [Float], _ examples: [TrainingExample]) -> [[Double]] {
    var start = 0
    return examples.map { example in
      example.sequences.map { sequence in
        defer { start += sequence.scoredCount }
        return logProbabilities[start..<start + sequence.scoredCount].reduce(0.0) { $0 + Double($1) }
      }
    }
  }
}
