import Alignment
import Datasets
import Foundation
import JSON
import Llama
import ModelFiles
import Objectives
import TestSupport
import Testing

@testable import Training

@Suite struct GroupPolicyTests {
  /// Runs of TRL 1.16: the loss, the gradient's norm and the figures of every step, and the log-probabilities of answers that
  /// the updated model sampled. TRL's bnpo depends on micro-batches where a step has several.
  @Test(.enabled(if: Checkout.hasStories), arguments: PolicyTrace.names) func recordedRunsOfTRL(name: String) throws {
    let trace = try PolicyTrace(name)
    let model = try LlamaModel(ModelFolder(Checkout.stories), training: true)
    let head = model.vocabularyHead(
      temperature: Float(trace.number("temperature", default: 1)), entropy: Column.entropy.name)
    let (batches, steps) = (try trace.batches, trace.steps)
    try #require(batches.count == steps.count)
    var settings = TrainingSettings()
    settings.learningRate = trace.number("learning_rate", default: 1e-6)
    settings.warmupRatio = 0
    let trainer = try Trainer(
      model: model, head: head, objective: trace.objective(), settings: settings, totalSteps: steps.count)
    let reading = BatchPass(model: model, head: head, objective: trainer.objective, microTokens: 2048)
    var last: [[Int32]] = []
    for (batch, expected) in zip(batches, steps) {
      if batch.map(\.answer) != last {
        try expectOwnLogProbabilities(batch, reading, name, within: trainer.stepCount == 0 ? 5e-5 : 1e-4)
      }
      last = batch.map(\.answer)
      let step = try trainer.step(on: batch.examples)
      func expect(_ key: String, _ value: Double?, relative: Double, absolute: Double) throws {
        let (value, recorded) = (try #require(value), try #require(expected[key]?.double))
        #expect(
          abs(value - recorded) <= relative * abs(recorded) + absolute,
          "\(name) step \(step.number) \(key): \(value), TRL \(recorded)")
      }
      // Where ρ = 1 the loss is 0 but for rounding. RLOO's is that of whole answers' sums, times their advantages.
      let advantage = batch.map { abs($0.advantage) }.max() ?? 0
      let rounding = batch.compactMap(\.oldSum).map { Double(Float($0).ulp) }.max() ?? 0
      try expect(
        "loss", step.result.loss, relative: 1e-4,
        absolute: trace.isLeaveOneOut ? max(3e-6, 4 * rounding * advantage) : 1e-6)
      try expect("grad_norm", step.gradientNorm, relative: 1e-4, absolute: 0)
      try expect("learning_rate", step.learningRate, relative: 1e-12, absolute: 0)
      // TRL's figures are means of micro-batches' means.
      for (key, value) in step.result.metrics where !trace.accumulates {
        try expect(key, value, relative: 1e-4, absolute: 1e-6)
      }
    }
  }

  /// What the model says of the answers that it just sampled. Adam's first steps are as long for gradients that are nearly
  /// nothing as for others, so that rounding moves single tokens by more than all: where libtorch's own products compute on
  /// another processor than TRL's did, by 4.5e-5.
  private func expectOwnLogProbabilities(
    _ batch: [PolicyTrace.Row], _ pass: BatchPass, _ name: String, within tolerance: Double
  ) throws {
    var squares: [Double] = []
    for (values, group) in zip(try pass.values(batch.examples[...]), batch.groups) {
      for (values, row) in zip(values, group) {
        for (own, recorded) in zip(values, row.old ?? []) {
          #expect(abs(Double(own) - recorded) < tolerance, "\(name): \(own), TRL \(recorded)")
          squares.append(pow(Double(own) - recorded, 2))
        }
        if let sum = row.oldSum {
          let own = values.reduce(0.0) { $0 + Double($1) }
          #expect(abs(own - sum) < 2e-4, "\(name): \(own), TRL \(sum)")
        }
      }
    }
    let size = (squares.reduce(0, +) / Double(max(1, squares.count))).squareRoot()
    #expect(size < 1.5e-5, "\(name): \(size) apart from TRL")
  }

  /// The advantages that TRL had. Rewards were a tenth of an answer's vowels; RLOO's are less by β times the summed divergence.
  @Test(.enabled(if: Checkout.hasStories), arguments: PolicyTrace.names) func advantagesOfTRL(name: String) throws {
    let trace = try PolicyTrace(name)
    let vocabulary = try JSON(file: Checkout.stories.appending(path: "tokenizer.json"))["model"]?["vocab"]?.object
    let vowels = try #require(vocabulary).reduce(into: [Int32: Double]()) { vowels, token in
      vowels[Int32(try #require(token.value.int))] = Double(token.key.count { "aeiouAEIOU".contains($0) })
    }
    let model = try LlamaModel(ModelFolder(Checkout.stories), training: false)
    let pass = BatchPass(
      model: model, head: model.vocabularyHead(temperature: Float(trace.number("temperature", default: 1))),
      objective: SupervisedObjective(), microTokens: 2048)
    let penalty = trace.isLeaveOneOut ? trace.number("beta", default: 0) : 0
    // What a masked answer said is not in the trace.
    for batch in try trace.batches where batch.allSatisfy({ !$0.answer.isEmpty }) {
      let reference = try pass.values(batch.examples[...])
      let rewards = zip(batch.groups, reference).map { group, reference in
        zip(group, reference).map { row, reference -> Double? in
          let divergence = (row.oldSum ?? 0) - reference.reduce(0.0) { $0 + Double($1) }
          return row.answer.reduce(0) { $0 + (vowels[$1] ?? 0) / 10 } - penalty * divergence
        }
      }
      let scale = try #require(RewardScale(rawValue: trace.arguments["scale_rewards"]?.string ?? "group"))
      let own =
        trace.isLeaveOneOut
        ? Advantages.leaveOneOut(rewards, isNormalized: trace.arguments["normalize_advantages"] == true)
        : Advantages.groupRelative(rewards, scale: scale)
      for (own, row) in zip(own.joined(), batch.groups.joined()) {
        #expect(abs(own - row.advantage) < 1e-5, "\(name): \(own), TRL \(row.advantage)")
      }
    }
  }

  /// A step whose answers were all cut off changes nothing; beside others they change nothing either.
  @Test func answersThatTeachNothing() throws {
    let model = try TinyModel.make()
    let group = TinyModel.pairs(2).map { pair in
      var example = pair
      example.columns[.advantage] = [[1], [-1]]
      return example
    }
    var masked = group
    masked[1].columns[.isMasked] = [[1], [1]]
    let objective = try GroupPolicyObjective()
    var settings = TrainingSettings()
    settings.warmupRatio = 0
    let before = model.parameters.values.array
    let trainer = try Trainer(model: model, objective: objective, settings: settings, totalSteps: 2)
    let step = try trainer.step(on: [masked[1]])
    #expect(step.result.loss == 0 && step.gradientNorm == 0 && step.result.metrics["clip_ratio/low_mean"] == nil)
    #expect(model.parameters.values.array == before)
    let pass = BatchPass(model: model, objective: objective, microTokens: 2048)
    #expect(try pass.evaluate([masked[1]]).loss == 0)
    func gradient(_ batch: [TrainingExample]) throws -> [Float] {
      model.parameters.gradients?.fillWithZeros()
      _ = try pass.train(batch, weight: pass.weight(of: batch))
      return try #require(model.parameters.gradients).array
    }
    let (alone, beside) = (try gradient([group[0]]), try gradient(masked))
    #expect(alone.contains { $0 != 0 })
    #expect(zip(alone, beside).allSatisfy { abs($0 - $1) < 1e-6 })
  }

  /// log softmax(logits / T) and its entropy, from the logits; and finite differences through it.
  @Test func headsHaveATemperature() throws {
    let (model, pairs, temperature) = (try TinyModel.make(), TinyModel.pairs(1), 0.7)
    let head = model.vocabularyHead(temperature: Float(temperature), entropy: "entropy")
    var batch = PackedBatch()
    batch.append(pairs[0].sequences)
    let (hidden, _) = try model.forward(batch, keeping: .nothing)
    let places = batch.scored.flatMap { $0 }
    let (output, logits) = (try head.forward(places, hidden: hidden), try model.logits(hidden).array)
    for (index, place) in places.enumerated() {
      let row = logits[Int(place.row) * 40..<Int(place.row + 1) * 40].map { Double($0) / temperature }
      let sum = log(row.reduce(0) { $0 + exp($1) })
      #expect(abs(Double(output.values[index]) - (row[Int(place.next)] - sum)) < 1e-5)
      let entropy = row.reduce(0) { $0 - exp($1 - sum) * ($1 - sum) }
      #expect(abs(Double(try #require(output.beside["entropy"])[index]) - entropy) < 1e-5)
    }
    let pass = BatchPass(model: model, head: head, objective: SupervisedObjective(), microTokens: 2048)
    _ = try pass.train(pairs, weight: pass.weight(of: pairs))
    try TinyModel.expectSlopes(model, of: pass, on: pairs, within: 3e-3)
  }
}
