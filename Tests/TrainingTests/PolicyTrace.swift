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

/// A run of TRL's GRPOTrainer or RLOOTrainer on a small published model, with the answers that it sampled.
struct PolicyTrace {
  static let folder = Checkout.shared("gold/grpo")
  /// The runs that are there.
  static let names = Checkout.records(in: "gold/grpo")

  let json: JSON
  let arguments: JSON
  let isLeaveOneOut: Bool

  init(_ name: String) throws {
    json = try JSON(file: Self.folder.appending(path: "\(name).json"))
    arguments = try #require(json["args"])
    isLeaveOneOut = json["source"]?.string?.contains("RLOO") ?? false
  }

  func number(_ key: String, default value: Double) -> Double { arguments[key]?.double ?? value }

  /// What the optimizer's steps were made of: rows of answers.
  var batches: [[Row]] {
    get throws {
      let rows = try #require(json["micro_batches"]?.array).map(Self.rows)
      let size = microBatchCount
      return stride(from: 0, to: rows.count, by: size).map { Array(rows[$0..<min($0 + size, rows.count)].joined()) }
    }
  }

  private var microBatchCount: Int { Int(number("gradient_accumulation_steps", default: 1)) }
  /// Whether a step's gradient is of several micro-batches.
  var accumulates: Bool { microBatchCount > 1 }

  /// What it logged of each step.
  var steps: [JSON] { (json["log_history"]?.array ?? []).filter { $0["loss"] != nil } }

  /// An answer.
  struct Row {
    let prompt: [Int32]
    let answer: [Int32]
    let advantage: Double
    let old: [Double]?
    /// The sum of `old`, which is all that RLOO has.
    let oldSum: Double?
    let reference: [Double]?
  }

  private static func rows(_ json: JSON) throws -> [Row] {
    func real(_ name: String, _ row: Int) throws -> [Int32] {
      let ids = try #require(json[name + "_ids"]?.array?[row].array)
      let mask = try #require(json[name + "_mask"]?.array?[row].array)
      return zip(ids, mask).compactMap { id, mask in mask.int == 1 ? id.int.map(Int32.init) : nil }
    }
    return try #require(json["advantages"]?.array).enumerated().map { row, advantage in
      let answer = try real("completion", row)
      func numbers(_ key: String) -> [Double]? {
        json[key]?.array?[row].array.map { $0.prefix(answer.count).compactMap(\.double) }
      }
      return Row(
        prompt: try real("prompt", row), answer: answer, advantage: try #require(advantage.double),
        old: numbers("old_per_token_logps"), oldSum: json["old_logps"]?.array?[row].double,
        reference: numbers("ref_per_token_logps"))
    }
  }

  func objective() throws -> GroupPolicyObjective {
    let kind = arguments["loss_type"]?.string ?? (isLeaveOneOut ? "grpo" : "dapo")
    let low = number("epsilon", default: 0.2)
    let beta = number("beta", default: 0)
    let level = arguments["importance_sampling_level"]?.string ?? "token"
    let high = number("epsilon_high", default: low)
    let surrogate: PolicySurrogate =
      switch kind {
      case "cispo": .cispo(maximum: high)
      case "sapo":
        .sapo(
          positive: number("sapo_temperature_pos", default: 1), negative: number("sapo_temperature_neg", default: 1.05))
      default: .clipped(low: low, high: high, cap: arguments["delta"]?.double)
      }
    let aggregation = ["cispo": "dapo", "sapo": "grpo"][kind] ?? kind
    let isCorrected = arguments["use_bias_correction_kl"]?.bool ?? true
    return try GroupPolicyObjective(
      surrogate, importance: isLeaveOneOut ? .answer : #require(ImportanceRatio(rawValue: level)),
      aggregation: try #require(PolicyAggregation(rawValue: aggregation)),
      maximumLength: Int(number("max_completion_length", default: 0)),
      penalty: isLeaveOneOut || beta == 0 ? nil : KLPenalty(beta: beta, isCorrected: isCorrected))
  }
}

extension [PolicyTrace.Row] {
  /// The rows by their prompts, each group in the rows' order.
  var groups: [[PolicyTrace.Row]] {
    reduce(into: []) { groups, row in
      if let place = groups.firstIndex(where: { $0[0].prompt == row.prompt }) {
        groups[place].append(row)
      } else {
        groups.append([row])
      }
    }
  }

  /// The rows as examples, one a group.
  var examples: [TrainingExample] {
    groups.enumerated().map { index, group in
      var example = TrainingExample(
        sequences: group.map { row in
          TokenSequence(
            tokens: row.prompt + row.answer,
            isScored: row.prompt.map { _ in false } + row.answer.map { _ in true })
        }, location: RecordLocation(file: "rollouts", line: index + 1))
      example.columns[.advantage] = group.map { [$0.advantage] }
      let old = group.compactMap { row in
        // A sum is as good as its parts where the whole answer has one ratio.
        row.old ?? row.oldSum.map { [$0] + Array<Double>(repeating: 0, count: row.answer.count - 1) }
      }
      if old.count == group.count { example.columns[.oldLogProbability] = old }
      let reference = group.compactMap(\.reference)
      if reference.count == group.count { example.columns[.referenceLogProbability] = reference }
      return example
    }
  }
}
