import Foundation
import JSON
import TestSupport
import Testing

@testable import Objectives

/// TRL's own losses of a few answers in double precision: `Scripts/fixtures/policy_losses.py`.
struct PolicyLossFixture {
  let json: JSON

  init() throws {
    json = try JSON(file: Checkout.fixtures(of: "ObjectivesTests").appending(path: "policy-losses.json"))
  }

  func rows() throws -> [String: JSON] {
    try #require(json["rows"]?.object).reduce(into: [:]) { $0[$1.key] = $1.value }
  }

  /// log π, T of each answer.
  func logProbabilities() throws -> [[Double]] { try Self.lists(json["now"]) }

  /// The answers as one group.
  func group(hasOld: Bool = true, perToken: Bool = false) throws -> ScoredExample {
    let now = try logProbabilities()
    let masked = try #require(json["masked"]?.int)
    let advantages = try perToken ? Self.lists(json["token_advantages"]) : Self.list(json["advantages"]).map { [$0] }
    var columns: [Column: [[Double]]] = [
      .advantage: advantages, .isMasked: now.indices.map { [$0 == masked ? 1 : 0] },
      .referenceLogProbability: try Self.lists(json["reference"]), .entropy: try Self.lists(json["entropies"]),
    ]
    if hasOld { columns[.oldLogProbability] = try Self.lists(json["old"]) }
    return ScoredExample(counts: now.map(\.count), columns: columns)
  }

  static func list(_ json: JSON?) throws -> [Double] { try #require(json?.array).map { try #require($0.double) } }

  static func lists(_ json: JSON?) throws -> [[Double]] { try #require(json?.array).map { try list($0) } }

  /// The objective of a row.
  func objective(_ row: JSON, isLeaveOneOut: Bool) throws -> GroupPolicyObjective {
    func number(_ key: String) throws -> Double { try #require(row[key]?.double) }
    let kind = try #require(row["loss_type"]?.string)
    let surrogate: PolicySurrogate =
      switch kind {
      case "cispo": .cispo(maximum: try number("epsilon_high"))
      case "sapo":
        .sapo(positive: try number("sapo_temperature_pos"), negative: try number("sapo_temperature_neg"))
      default:
        .clipped(
          low: try number("epsilon_low"), high: try number("epsilon_high"), cap: row["delta"]?.double)
      }
    let named = ["cispo": PolicyAggregation.dapo, "sapo": .grpo][kind]
    let level = try #require(ImportanceRatio(rawValue: row["importance_sampling_level"]?.string ?? ""))
    return try GroupPolicyObjective(
      surrogate, importance: isLeaveOneOut ? .answer : level,
      aggregation: try named ?? #require(PolicyAggregation(rawValue: kind)),
      maximumLength: try #require(json["maximum_length"]?.int),
      penalty: number("beta") > 0
        ? KLPenalty(beta: number("beta"), isCorrected: row["use_bias_correction_kl"] == true) : nil)
  }
}
