import Alignment
import Datasets
import Foundation
import JSON
import Llama
import Objectives
import TestSupport
import Testing

@testable import Training

/// A run of the PPOTrainer that TRL had until 1.12, on a small published model.
struct PPOTrace {
  static let folder = Checkout.shared("gold/ppo")
  /// The runs that are there.
  static let names = ((try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []).filter {
    FileManager.default.fileExists(atPath: folder.appending(path: "\($0)/trace.json").path)
  }.sorted()

  let json: JSON

  init(_ name: String) throws { json = try JSON(file: Self.folder.appending(path: "\(name)/trace.json")) }

  func number(_ key: String) throws -> Double { try #require(json["args"]?[key]?.double) }
  var isWhitened: Bool { json["args"]?["whiten_rewards"] == true }

  var updates: [Update] {
    get throws {
      let (end, pad) = (try #require(json["eos_token_id"]?.int), try #require(json["pad_token_id"]?.int))
      return try #require(json["updates"]?.array).map { try Update($0, end: Int32(end), pad: Int32(pad)) }
    }
  }

  /// The rewards of an update's answers, whitened where the run has them so.
  func rewards(_ update: Update, policy: [[Double]], reference: [[Double]], scores: [Double]) throws -> [[Double]] {
    let estimator = try #require(KLEstimator(rawValue: json["args"]?["kl_estimator"]?.string ?? ""))
    let pay = try TokenRewards(coefficient: number("kl_coef"), estimator: estimator)
    let penalty = MissingEnd.reduced(by: try number("missing_eos_penalty"))
    let rewards = update.answers.indices.map { row in
      pay(
        policy: policy[row], reference: reference[row],
        score: update.hasEnd(row) ? scores[row] : penalty(scores[row]), isPastEnd: update.hasRoom(row))
    }
    return isWhitened ? Whitening(keepsMean: true)(rewards) : rewards
  }

  /// Advantages before they are whitened, and returns.
  func estimates(rewards: [[Double]], values: [[Double]]) throws -> [(advantages: [Double], returns: [Double])] {
    try zip(rewards, values).map { rewards, values in
      try Advantages.generalized(
        rewards: rewards, values: Array(values.prefix(rewards.count)), gamma: number("gamma"), lambda: number("lam"))
    }
  }

  /// One rollout, and what was learned from it.
  struct Update {
    let json: JSON
    let prompts: [[Int32]]
    /// Each up to its end.
    let answers: [[Int32]]
    /// The most tokens that an answer may have.
    let responseLength: Int
    private let contextLength: Int
    private let end: Int32

    init(_ json: JSON, end: Int32, pad: Int32) throws {
      (self.json, self.end) = (json, end)
      contextLength = try #require(json["context_length"]?.int)
      let rows = try #require(json["query_responses"]?.array).map {
        ($0.array ?? []).compactMap { $0.int.map(Int32.init) }
      }
      let (context, length) = (contextLength, rows[0].count - contextLength)
      responseLength = length
      prompts = rows.map { Array($0.prefix(context).drop { $0 == pad }) }
      answers = rows.map { row in
        let response = row.suffix(length)
        return Array(response.prefix((response.firstIndex(of: end).map { $0 - context + 1 }) ?? length))
      }
    }

    func hasEnd(_ row: Int) -> Bool { answers[row].last == end }
    /// Whether there is a place after the answer, where TRL then puts its score.
    func hasRoom(_ row: Int) -> Bool { answers[row].count < responseLength }
    /// How many of an answer's places have a value.
    func valueCount(_ row: Int) -> Int { answers[row].count + (hasRoom(row) ? 1 : 0) }

    private static func lists(_ json: JSON?) throws -> [[Double]] {
      try #require(json?.array).map { try #require($0.array).compactMap(\.double) }
    }

    /// What the trace has of each answer's tokens, and with `isPastEnd` of the place after them too.
    func rows(_ json: JSON?, isPastEnd: Bool = false) throws -> [[Double]] {
      try Self.lists(json).enumerated().map { row, numbers in
        Array(numbers.prefix(isPastEnd ? valueCount(row) : answers[row].count))
      }
    }

    /// The values before each token, and after the last where there is room.
    var values: [[Double]] {
      get throws {
        try Self.lists(json["values_all_positions"]).enumerated().map { row, numbers in
          Array(numbers.dropFirst(contextLength - 1).prefix(valueCount(row)))
        }
      }
    }

    var scores: [Double] {
      get throws { try #require(json["scores_before_penalty"]?.array).compactMap(\.double) }
    }

    /// The rows that each minibatch was made of, an epoch after the other.
    func minibatches(_ count: Int) throws -> [[Int]] {
      try #require(json["permutations"]?.array).flatMap { epoch -> [[Int]] in
        let order = (epoch.array ?? []).compactMap(\.int)
        let size = order.count / count
        return stride(from: 0, to: order.count, by: size).map { Array(order[$0..<min($0 + size, order.count)]) }
      }
    }

    /// The answers, one an example.
    var examples: [TrainingExample] {
      zip(prompts, answers).enumerated().map { index, row in
        TrainingExample(
          sequences: [
            TokenSequence(
              tokens: row.0 + row.1, isScored: row.0.map { _ in false } + row.1.map { _ in true })
          ], location: RecordLocation(file: "rollouts", line: index + 1))
      }
    }
  }
}
