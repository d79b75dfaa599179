import Alignment
import Datasets
import Llama
import Objectives
import Testing

@testable import Training

/// The loss and the gradient do not depend on how a batch is computed.
@Suite struct BatchPassTests {
  private static func result(
    microTokens: Int, logitRows: Int? = nil, activationBytes: Int = .max, order: [Int] = Array(0..<9)
  ) throws -> (loss: Double, margin: Double, gradient: [Float]) {
    let (model, pairs) = (try TinyModel.make(), TinyModel.pairs(9))
    let referenced = pairs.enumerated().map { $1.referenced(chosen: -Double($0), rejected: -3) }
    let pass = BatchPass(
      model: model, objective: try PreferenceObjective(.sigmoid, beta: 0.5), microTokens: microTokens,
      activationBytes: activationBytes, logitRows: logitRows)
    let result = try pass.train(order.map { referenced[$0] })
    return (
      result.loss, try #require(result.metrics["rewards/margins"]), try #require(model.parameters.gradients).array
    )
  }

  /// Each pair's margin less the batch's mean: what a loss takes from the whole batch.
  private struct Centred: SequenceObjective {
    static let mean = Column("mean margin")

    func weight(of example: ScoredExample) -> Double { 1 }

    func batchColumns(
      of examples: [ScoredExample], values: () throws -> [[[Float]]]
    ) throws -> [[Column: [[Double]]]]? {
      let margins = try values().map { Double($0[0].reduce(0, +) - $0[1].reduce(0, +)) }
      return examples.map { _ in [Self.mean: [[margins.reduce(0, +) / Double(margins.count)]]] }
    }

    func loss(of example: ScoredExample, sums: [Double]) -> SequenceLoss {
      guard let mean = example[Self.mean]?[0][0] else { return SequenceLoss(loss: .nan, slopes: [0, 0]) }
      let distance = sums[0] - sums[1] - mean
      return SequenceLoss(
        loss: distance * distance, slopes: [2 * distance, -2 * distance], metrics: ["mean": mean, "distance": distance])
    }
  }

  @Test func whatALossTakesFromItsBatchIsTakenFromTheWhole() throws {
    let (model, pairs) = (try TinyModel.make(), TinyModel.pairs(9))
    func result(microTokens: Int) throws -> (BatchResult, [Float]) {
      model.parameters.gradients?.fillWithZeros()
      let pass = BatchPass(model: model, objective: Centred(), microTokens: microTokens)
      let result = try pass.train(pairs)
      #expect(try abs(pass.evaluate(pairs).loss - result.loss) < 1e-5)
      return (result, try #require(model.parameters.gradients).array)
    }
    let (whole, split) = (try result(microTokens: 10_000), try result(microTokens: 20))
    #expect(abs(whole.0.loss - split.0.loss) < 1e-5 && whole.0.loss > 0)
    #expect(abs(try #require(split.0.metrics["distance"])) < 1e-5)
    #expect(Self.distance(whole.1, split.1) < 2e-6)
  }

  /// Where TRL would sort, or average over tokens, within each micro-batch.
  @Test(arguments: [PreferenceLoss.aot, .aotUnpaired, .sft, .orpo])
  func lossesOfWholeBatchesDoNotDependOnTheSplit(loss: PreferenceLoss) throws {
    let model = try TinyModel.make()
    let pairs = TinyModel.pairs(9).enumerated().map { $1.referenced(chosen: -Double($0 * $0), rejected: -3) }
    func result(microTokens: Int) throws -> (loss: Double, gradient: [Float]) {
      model.parameters.gradients?.fillWithZeros()
      let objective = try PreferenceObjective(loss, beta: loss == .sft ? 0.1 : 0.3)
      let pass = BatchPass(model: model, objective: objective, microTokens: microTokens)
      return (try pass.train(pairs).loss, try #require(model.parameters.gradients).array)
    }
    let (whole, split) = (try result(microTokens: 10_000), try result(microTokens: 1))
    #expect(abs(whole.loss - split.loss) < 1e-6)
    #expect(Self.distance(whole.gradient, split.gradient) < 2e-6)
  }

  private static func distance(_ a: [Float], _ b: [Float]) -> Double {
    let difference = zip(a, b).map { Double($0 - $1) * Double($0 - $1) }.reduce(0, +).squareRoot()
    return difference / a.map { Double($0) * Double($0) }.reduce(0, +).squareRoot()
  }

  @Test(arguments: [1, 20, 37]) func splitIntoMicroBatchesChangesNothing(microTokens: Int) throws {
    let (whole, split) = (try Self.result(microTokens: 10_000), try Self.result(microTokens: microTokens))
    #expect(abs(whole.loss - split.loss) < 1e-6)
    #expect(abs(whole.margin - split.margin) < 1e-5)
    #expect(Self.distance(whole.gradient, split.gradient) < 2e-6)
  }

  @Test(arguments: [1, 3, 11]) func projectingInChunksChangesNothing(logitRows: Int) throws {
    let (whole, chunked) = (
      try Self.result(microTokens: 10_000), try Self.result(microTokens: 10_000, logitRows: logitRows)
    )
    #expect(abs(whole.loss - chunked.loss) < 1e-6)
    #expect(Self.distance(whole.gradient, chunked.gradient) < 2e-6)
  }

  @Test func logitsBeyondTheBoundAloneAreComputedAgain() {
    #expect(ChunkedValues.chunks(8, logitRows: 8) == [0..<8])
    #expect(ChunkedValues.chunks(9, logitRows: 8) == [0..<6, 6..<8, 8..<9])
    #expect(ChunkedValues.chunks(11, logitRows: 8) == [0..<6, 6..<8, 8..<10, 10..<11])
    #expect(ChunkedValues.chunks(3, logitRows: 1) == [0..<1, 1..<2, 2..<3])
    #expect(ChunkedValues.chunks(0, logitRows: 8) == [0..<0])
  }

  @Test func aBoundOnActivationsChangesNoBit() throws {
    let (free, bound) = (try Self.result(microTokens: 60), try Self.result(microTokens: 60, activationBytes: 0))
    #expect(free.loss == bound.loss && free.gradient == bound.gradient)
  }

  /// The feed-forward takes the rows of a batch in blocks, of which this one has three.
  @Test func rowsInBlocksChangeNothing() throws {
    let (model, pairs) = (try TinyModel.make(), TinyModel.pairs(450))
    #expect(pairs.map(\.packedCount).reduce(0, +) > 4096)
    func gradient(microTokens: Int) throws -> [Float] {
      model.parameters.gradients?.fillWithZeros()
      let pass = BatchPass(model: model, objective: SupervisedObjective(), microTokens: microTokens)
      _ = try pass.train(pairs)
      return try #require(model.parameters.gradients).array
    }
    #expect(try Self.distance(gradient(microTokens: 1000), gradient(microTokens: 10_000)) < 2e-6)
  }

  /// A whole weight is a repetition, however the batch is split; a weight on one answer is one on its tokens.
  @Test(arguments: [0, 1], [20, 10_000]) func aWeightOfTwoIsTheRecordTwice(objective: Int, microTokens: Int) throws {
    let model = try TinyModel.make()
    let examples = TinyModel.pairs(5).map { TrainingExample(sequences: [$0.sequences[0]], location: $0.location) }
    func result(_ batch: [TrainingExample]) throws -> (BatchResult, [Float]) {
      model.parameters.gradients?.fillWithZeros()
      let pass = BatchPass(
        model: model, objective: objective == 0 ? SupervisedObjective() : DynamicSupervisedObjective(),
        microTokens: microTokens)
      let result = try pass.train(batch)
      #expect(try abs(pass.evaluate(batch).loss - result.loss) < 1e-5)
      return (result, try #require(model.parameters.gradients).array)
    }
    var weighted = examples
    weighted[1].columns[.weight] = [Array(repeating: 2, count: examples[1].scoredCount)]
    let (twice, weight) = (try result(examples + [examples[1]]), try result(weighted))
    #expect(twice.0.weight == weight.0.weight && abs(twice.0.loss - weight.0.loss) < 1e-6)
    #expect(Self.distance(twice.1, weight.1) < 2e-6)
    #expect(try Self.distance(result(examples).1, weight.1) > 1e-3)
    // A factor of all weights cancels.
    var scaled = examples
    for index in scaled.indices {
      scaled[index].columns[.weight] = [
        Array(repeating: index == 1 ? 2e-9 : 1e-9, count: examples[index].scoredCount)
      ]
    }
    #expect(try Self.distance(result(scaled).1, weight.1) < 2e-6)
  }

  @Test func orderWithinABatchChangesNothing() throws {
    let (forward, backward) = (
      try Self.result(microTokens: 40), try Self.result(microTokens: 40, order: (0..<9).reversed())
    )
    #expect(abs(forward.loss - backward.loss) < 1e-6)
    #expect(Self.distance(forward.gradient, backward.gradient) < 2e-6)
  }

  @Test func packedNeighboursNeverSeeOneAnother() throws {
    let (model, pairs) = (try TinyModel.make(), TinyModel.pairs(9))
    let pass = BatchPass(model: model, objective: SupervisedObjective(), microTokens: 10_000)
    let together = try pass.values(pairs[...])
    for index in pairs.indices {
      let alone = try pass.values(pairs[index...index])[0]
      for (a, b) in zip(together[index].joined(), alone.joined()) { #expect(abs(a - b) < 1e-5) }
    }
  }

  @Test func sharedPromptsEqualSeparateSequences() throws {
    let (model, pairs) = (try TinyModel.make(), TinyModel.pairs(9))
    let apart = pairs.flatMap { pair in
      pair.sequences.map { TrainingExample(sequences: [$0], location: pair.location) }
    }
    let pass = BatchPass(model: model, objective: SupervisedObjective(), microTokens: 10_000)
    func values(_ examples: [TrainingExample]) throws -> [Float] {
      try pass.values(examples[...]).joined().flatMap { $0 }
    }
    for (a, b) in zip(try values(pairs), try values(apart)) { #expect(abs(a - b) < 1e-5) }
  }

  /// The gradient against differences of the loss, for a parameter of each kind.
  @Test func gradientIsTheLimitOfDifferences() throws {
    let model = try TinyModel.make()
    let pairs = TinyModel.pairs(5).map { $0.referenced(chosen: -20, rejected: -21) }
    let pass = BatchPass(
      model: model, objective: try PreferenceObjective(.sigmoid, beta: 0.5), microTokens: 60)
    _ = try pass.train(pairs)
    for entry in model.parameters.layout.entries {
      let gradient = try #require(model.parameters.gradient(entry)).array
      let index = try #require(gradient.indices.max { abs(gradient[$0]) < abs(gradient[$1]) })
      let value = model.parameters.value(entry)
      let (before, h) = (value.floats[index], Float(1e-2))
      func loss(_ weight: Float) throws -> Double {
        value.floats[index] = weight
        return try pass.evaluate(pairs).loss
      }
      let slope = (try loss(before + h) - loss(before - h)) / Double(2 * h)
      value.floats[index] = before
      #expect(
        abs(slope - Double(gradient[index])) < 2e-2 * abs(slope) + 2e-5, "\(entry.name): \(slope), \(gradient[index])")
    }
  }

  @Test func infiniteLossNamesTheRecord() throws {
    let (model, pairs) = (try TinyModel.make(), TinyModel.pairs(3))
    model.parameters.values.floats[0] = .nan
    let embedding = try #require(model.parameters.layout["model.embed_tokens.weight"])
    for index in 0..<embedding.count { model.parameters.value(embedding).floats[index] = .nan }
    let pass = BatchPass(model: model, objective: SupervisedObjective(), microTokens: 60)
    let error = #expect(throws: TrainingError.self) { try pass.train(Array(pairs[1...])) }
    #expect(
      error?.description == "the loss is not a number at pairs.jsonl:2; lower 'learning-rate', or look at that record")
  }
}

extension BatchPass {
  /// Trains on a whole batch.
  func train(_ batch: [TrainingExample]) throws -> BatchResult { try train(batch, weight: weight(of: batch)) }
}
