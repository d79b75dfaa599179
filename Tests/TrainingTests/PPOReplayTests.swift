import Alignment
import Datasets
import Foundation
import JSON
import Llama
import ModelFiles
import Objectives
import TestSupport
import Testing
import Torch

@testable import Training

/// TRL 1.12's PPO, step by step.
@Suite(.enabled(if: Checkout.hasStories && !PPOTrace.names.isEmpty)) struct PPOReplayTests {
  /// Rewards, advantages, returns and policy losses by the numbers that were recorded.
  @Test(arguments: PPOTrace.names) func recordedArithmetic(name: String) throws {
    let trace = try PPOTrace(name)
    for update in try trace.updates {
      let (policy, reference) = (
        try update.rows(update.json["rollout_logprobs"]), try update.rows(update.json["ref_logprobs"])
      )
      let values = try update.values
      let rewards = try trace.rewards(update, policy: policy, reference: reference, scores: update.scores)
      let whitened = try #require(update.json["whiten_calls"]?.array)
      let derived = try #require(update.json["derived"])
      try #require(whitened.count == (trace.isWhitened ? 2 : 1))
      let recorded = trace.isWhitened ? whitened[0]["output"] : derived["rewards"]
      try expect(rewards, update.rows(recorded, isPastEnd: true))
      let estimates = try trace.estimates(rewards: rewards, values: values)
      try expect(estimates.map(\.returns), update.rows(derived["returns"], isPastEnd: true))
      let raw = zip(estimates, update.answers).map { Array($0.advantages.prefix($1.count)) }
      try expect(raw, update.rows(whitened.last?["input"]))
      let advantages = Whitening()(raw)
      try expect(advantages, update.rows(derived["advantages"]))

      let objective = try PPOObjective(low: trace.number("cliprange"), high: trace.number("cliprange"))
      let minibatches = try update.minibatches(Int(trace.number("num_mini_batches")))
      let losses = try #require(derived["policy_loss_per_minibatch"]?.array).compactMap(\.double)
      let news = try #require(update.json["new_logprobs_per_minibatch"]?.array)
      try #require(losses.count == minibatches.count && news.count == losses.count)
      for (index, rows) in minibatches.enumerated() {
        let now = try zip(rows, #require(news[index].array)).map { row, numbers in
          (numbers.array ?? []).prefix(update.answers[row].count).compactMap { $0.double.map(Float.init) }
        }
        let example = ScoredExample(
          counts: now.map(\.count),
          columns: [.advantage: rows.map { advantages[$0] }, .oldLogProbability: rows.map { policy[$0] }])
        let loss = objective.loss(of: example, values: now).loss / objective.weight(of: example)
        #expect(abs(loss - losses[index]) < 1e-6, "\(loss), TRL \(losses[index])")
      }
    }
  }

  private func expect(_ own: [[Double]], _ recorded: [[Double]]) throws {
    try #require(own.map(\.count) == recorded.map(\.count))
    for (own, recorded) in zip(own.joined(), recorded.joined()) {
      #expect(abs(own - recorded) < 1e-5, "\(own), TRL \(recorded)")
    }
  }

  /// The whole run: what our own networks say of each rollout, and what they become by learning from what was recorded.
  ///
  /// Adam's first step moves a weight by the rate, whatever its gradient's size: where that is less than the rounding of the
  /// tensor's largest, the direction is a matter of rounding. Of layer 2's `up_proj` in k1_n, weight 1351 has there a
  /// gradient of -6e-9 in double precision, -1.4e-8 in PyTorch's float32 with padding, and 2e-10 or 6e-9 here, as the processor
  /// has it, beside 0.18: it ends 2.5e-4 or 3.6e-4 from TRL's, and moves single log-probabilities by as much. At most three such
  /// weights may be further than 5e-5 away. Even the rounding of the old
  /// log-probabilities decides some, and so those that were recorded are learned from.
  @Test(arguments: PPOTrace.names) func recordedRun(name: String) throws {
    let trace = try PPOTrace(name)
    let folder = PPOTrace.folder.appending(path: name)
    let networks = try Networks(folder, temperature: Float(trace.number("temperature") + 1e-7))
    let updates = try trace.updates
    let logs = try #require(trace.json["log_history"]?.array)
    for (index, update) in updates.enumerated() {
      let own = try networks.look(at: update)
      // Before the first step, and of what does not move, nothing is undetermined.
      try expectClose(own.policy, update.rows(update.json["rollout_logprobs"]), within: index == 0 ? 2e-4 : 4e-4)
      try expectClose(own.reference, update.rows(update.json["ref_logprobs"]), within: 2e-4)
      try expectClose(own.values, update.values, within: 2e-4)
      try expectClose([own.scores], [update.scores], within: 2e-4)

      let (policy, values) = (try update.rows(update.json["rollout_logprobs"]), try update.values)
      let rewards = try trace.rewards(
        update, policy: policy, reference: update.rows(update.json["ref_logprobs"]), scores: update.scores)
      let estimates = try trace.estimates(rewards: rewards, values: values)
      let advantages = Whitening()(zip(estimates, update.answers).map { Array($0.advantages.prefix($1.count)) })
      let rate = try trace.number("learning_rate") * Double(updates.count - index) / Double(updates.count)
      var (policyResults, valueResults): ([BatchResult], [BatchResult]) = ([], [])
      for rows in try update.minibatches(Int(trace.number("num_mini_batches"))) {
        let batch = rows.map { row in
          var example = update.examples[row]
          example.columns = [
            .advantage: [advantages[row]], .oldLogProbability: [policy[row]], .return: [estimates[row].returns],
            .oldValue: [values[row]],
          ]
          return example
        }
        let range = try trace.number("cliprange")
        policyResults.append(
          try networks.policy.step(batch, PPOObjective(low: range, high: range), learningRate: rate))
        valueResults.append(
          try networks.value.step(
            batch,
            ValueObjective(range: trace.number("cliprange_value"), coefficient: trace.number("vf_coef")),
            learningRate: rate))
      }
      for (results, keys) in [
        (policyResults, ["loss/policy_avg", "policy/clipfrac_avg"]),
        (valueResults, ["loss/value_avg", "val/clipfrac_avg"]),
      ] {
        for key in keys {
          let mean = try results.reduce(0) { try $0 + #require($1.metrics[key]) } / Double(results.count)
          let recorded = try #require(logs[index][key]?.double)
          #expect(abs(mean - recorded) < 1e-4 * max(abs(recorded), 0.1), "\(name) \(key): \(mean), TRL \(recorded)")
        }
      }
    }
    for (network, file) in [(networks.policy, "final_policy"), (networks.value, "final_value")] {
      var undetermined = 0
      for tensor in try SafetensorsFile(folder.appending(path: "\(file).safetensors")).tensors {
        let parameters = network.pass.model.parameters
        let (entry, range) = try #require(parameters.trainedEntries.first { $0.entry.name == tensor.name })
        let first = network.gradients.first[range]
        let rounding = Float.ulpOfOne * (first.map(abs).max() ?? 0)
        let isUndetermined = zip(zip(parameters.value(entry).array, try tensor.floats()), first).map {
          weights, gradient in
          abs(weights.0 - weights.1) > 5e-5 && abs(gradient) < rounding
        }
        undetermined += isUndetermined.count { $0 }
        let weights = zip(zip(parameters.value(entry).array, try tensor.floats()), isUndetermined).filter { !$0.1 }.map(
          \.0)
        let distance = difference(weights.map(\.0), weights.map(\.1))
        #expect(distance < 1e-5, "\(name) \(file) \(tensor.name): \(distance)")
      }
      #expect(undetermined < 4, "\(name) \(file): \(undetermined)")
    }
  }

  private func expectClose(_ own: [[Double]], _ recorded: [[Double]], within tolerance: Double) throws {
    try #require(own.map(\.count) == recorded.map(\.count))
    let distances = zip(own.joined(), recorded.joined()).map { abs($0 - $1) }
    let size = (distances.reduce(0) { $0 + $1 * $1 } / Double(max(1, distances.count))).squareRoot()
    #expect(size < 5e-5)
    #expect(distances.max() ?? 0 < tolerance)
  }

  /// The relative distance of two vectors.
  private func difference(_ actual: [Float], _ expected: [Float]) -> Double {
    func norm(_ numbers: [Double]) -> Double { numbers.reduce(0) { $0 + $1 * $1 }.squareRoot() }
    return norm(zip(actual, expected).map { Double($0 - $1) }) / norm(expected.map(Double.init))
  }

  /// A network that trains: TRL's PPO clips no gradient.
  private struct Trained {
    var pass: BatchPass
    let optimizer: AdamW
    let gradients = Gradients()

    /// What is kept of the run.
    final class Gradients {
      /// The gradient of the first step.
      var first: [Float] = []
    }

    init(_ model: LlamaModel, _ head: any Head) throws {
      pass = BatchPass(model: model, head: head, objective: SupervisedObjective(), microTokens: 2048)
      optimizer = try AdamW(model.parameters, AdamW.Settings())
    }

    func step(_ batch: [TrainingExample], _ objective: any Objective, learningRate: Double) throws -> BatchResult {
      var pass = pass
      pass.objective = objective
      let result = try pass.train(batch, weight: pass.weight(of: batch))
      if optimizer.stepCount == 0 { gradients.first = try #require(pass.model.parameters.gradients).array }
      try optimizer.step(learningRate: learningRate, gradientScale: 1)
      return result
    }

    func numbers(_ examples: [TrainingExample]) throws -> [[Double]] {
      try pass.values(examples[...]).map { $0[0].map(Double.init) }
    }
  }

  private struct Networks {
    let policy: Trained
    let value: Trained
    let reference: Trained
    let reward: Trained

    init(_ folder: URL, temperature: Float) throws {
      let base = try ModelFolder(Checkout.stories)
      func speaking() throws -> Trained {
        let model = try LlamaModel(base, training: true)
        return try Trained(model, model.vocabularyHead(temperature: temperature))
      }
      func scoring(_ file: String, _ reading: ScoreHead.Reading) throws -> Trained {
        var generator = SplitMix64(seed: 1)
        let model = try LlamaModel(
          scoring: base, as: base.config.scoring(.text(labels: 1), padTokenID: 0), training: true, using: &generator)
        let numbers = try #require(SafetensorsFile(folder.appending(path: file)).tensors.first).floats()
        let entry = try #require(model.parameters.layout["score.weight"])
        model.parameters.value(entry).floats.update(from: numbers, count: entry.count)
        return try Trained(model, model.scoreHead(reading: reading))
      }
      (policy, reference) = (try speaking(), try speaking())
      value = try scoring("value_score.safetensors", .beforeScoredAndLast)
      reward = try scoring("reward_score.safetensors", .lastToken)
    }

    /// What the networks say of a rollout.
    func look(
      at update: PPOTrace.Update
    ) throws -> (policy: [[Double]], reference: [[Double]], values: [[Double]], scores: [Double]) {
      let examples = update.examples
      let values = try value.numbers(examples).enumerated().map { Array($1.prefix(update.valueCount($0))) }
      return try (
        policy.numbers(examples), reference.numbers(examples), values, reward.numbers(examples).map { $0[0] }
      )
    }
  }
}
