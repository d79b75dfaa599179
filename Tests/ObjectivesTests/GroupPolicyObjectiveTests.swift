import Foundation
import JSON
import Testing

@testable import Objectives

@Suite struct GroupPolicyObjectiveTests {
  /// Every loss that TRL has of answers in groups: value, slopes and figures.
  @Test func lossesOfTRL() throws {
    let fixture = try PolicyLossFixture()
    let now = try fixture.logProbabilities()
    let rows = try fixture.rows()
    #expect(rows.count == 19)
    for (name, row) in rows {
      let example = try fixture.group(hasOld: row["has_old"] == true, perToken: row["per_token"] == true)
      let objective = try fixture.objective(row, isLeaveOneOut: name == "rloo")
      let (loss, weight) = (objective.loss(of: example, logProbabilities: now), objective.weight(of: example))
      let expected = try #require(row["loss"]?.double)
      #expect(abs(loss.loss / weight - expected) < 1e-12, "\(name): \(loss.loss / weight), TRL \(expected)")
      for (own, expected) in try zip(loss.slopes.joined(), PolicyLossFixture.lists(row["slopes"]).joined()) {
        #expect(abs(own / weight - expected) < 1e-12, "\(name): \(own / weight), TRL \(expected)")
      }
      var figures = Dictionary(grouping: loss.sums, by: \.name).mapValues {
        $0.reduce(0) { $0 + $1.value } / $0.reduce(0) { $0 + $1.weight }
      }
      for (name, values) in Dictionary(grouping: loss.least, by: \.name) { figures[name] = values.map(\.value).min() }
      for (name, values) in Dictionary(grouping: loss.greatest, by: \.name) {
        figures[name] = values.map(\.value).max()
      }
      let recorded = try #require(row["metrics"]?.object)
      #expect(figures.keys.sorted() == recorded.map(\.key).sorted(), "\(name)")
      for (key, value) in recorded {
        // TRL counts what is clipped in float32.
        #expect(abs(try #require(figures[key]) - (value.double ?? .nan)) < 1e-7, "\(name) \(key)")
      }
    }
  }

  private static let surrogates: [PolicySurrogate] = [
    .clipped(low: 0.2, high: 0.28), .clipped(low: 0.1, high: 0.1, cap: 1.5), .cispo(maximum: 1.3),
    .sapo(positive: 1, negative: 1.05),
  ]

  /// Finite differences. Where no gradient flows through ρ, as in CISPO, it is held.
  @Test(arguments: surrogates, ImportanceRatio.allCases)
  func slopes(surrogate: PolicySurrogate, importance: ImportanceRatio) throws {
    let fixture = try PolicyLossFixture()
    let (now, example) = (try fixture.logProbabilities(), try fixture.group(perToken: importance == .token))
    for aggregation in PolicyAggregation.allCases {
      for (index, estimator) in ([nil] + KLEstimator.allCases).enumerated() {
        var held = surrogate
        if case .cispo = surrogate {
          // With its least weight everywhere, the loss is linear in log π.
          held = .cispo(maximum: 1e-3)
        }
        let objective = try GroupPolicyObjective(
          held, importance: importance, aggregation: aggregation, maximumLength: 8,
          penalty: estimator.map { try KLPenalty(beta: 0.3, estimator: $0, isCorrected: index.isMultiple(of: 2)) })
        let slopes = objective.loss(of: example, logProbabilities: now).slopes
        for sequence in now.indices {
          for place in now[sequence].indices {
            func loss(_ shift: Double) -> Double {
              var moved = now
              moved[sequence][place] += shift
              return objective.loss(of: example, logProbabilities: moved).loss
            }
            let h = 1e-5
            let slope = (loss(h) - loss(-h)) / (2 * h)
            #expect(
              abs(slopes[sequence][place] - slope) < 1e-7 * max(1, abs(slope)),
              "\(held) \(importance) \(aggregation) \(String(describing: estimator)): \(slopes[sequence][place]), \(slope)"
            )
          }
        }
      }
    }
  }

  /// Two tokens of log-ratios log 1.5 and log 0.5, worked by hand.
  @Test func aLossByHand() throws {
    func loss(_ advantage: Double, _ surrogate: PolicySurrogate) throws -> (Double, [Double]) {
      let example = ScoredExample(
        counts: [2], columns: [.advantage: [[advantage]], .oldLogProbability: [[-1 - log(1.5), -1 - log(0.5)]]])
      let loss = try GroupPolicyObjective(surrogate, aggregation: .luspo).loss(
        of: example, logProbabilities: [[-1, -1]])
      return (loss.loss, loss.slopes[0])
    }
    func expect(_ own: (Double, [Double]), _ value: Double, _ slopes: [Double]) {
      #expect(abs(own.0 - value) < 1e-12)
      for (own, slope) in zip(own.1, slopes) { #expect(abs(own - slope) < 1e-12) }
    }
    // What is worth more stops at 1.2; what is worth less goes on where it is too likely, and stops at 0.8.
    expect(try loss(2, .clipped(low: 0.2, high: 0.2)), -2.4 - 1, [0, -1])
    expect(try loss(-2, .clipped(low: 0.2, high: 0.2)), 3 + 1.6, [3, 0])
    expect(try loss(-2, .clipped(low: 0.2, high: 0.2, cap: 1.4)), 2.8 + 1.6, [0, 0])
    expect(try loss(2, .cispo(maximum: 1.2)), 2.4 + 1, [-2.4, -1])
  }

  /// An answer of other weights counts as much as it is likelier under those in training; what leaving the reference costs counts
  /// whole.
  @Test func anAnswerOfOtherWeights() throws {
    let penalty = try KLPenalty(beta: 0.5, estimator: .k3, isCorrected: false)
    func loss(_ weight: Double?, _ penalty: KLPenalty?) throws -> ExampleLoss {
      var columns: [Column: [[Double]]] = [
        .advantage: [[2], [-1]], .oldLogProbability: [[-1, -1.2], [-2]], .referenceLogProbability: [[-2, -1], [-1]],
      ]
      if let weight { columns[.samplingWeight] = [[weight], [1]] }
      let example = ScoredExample(counts: [2, 1], columns: columns)
      return try GroupPolicyObjective(aggregation: .luspo, penalty: penalty).loss(
        of: example, logProbabilities: [[-1.1, -1.1], [-2.05]])
    }
    for penalty in [nil, penalty] {
      let (whole, half, none) = (try loss(nil, penalty), try loss(0.5, penalty), try loss(0, penalty))
      #expect(try loss(1, penalty).loss == whole.loss)
      #expect(abs(half.loss - (whole.loss + none.loss) / 2) < 1e-12)
      for place in 0..<2 {
        #expect(abs(half.slopes[0][place] - (whole.slopes[0][place] + none.slopes[0][place]) / 2) < 1e-12)
        #expect(penalty == nil ? none.slopes[0][place] == 0 : none.slopes[0][place] != 0)
      }
      #expect(half.slopes[1] == whole.slopes[1])
    }
    let correction = SamplingCorrection()
    #expect(abs(correction.weight(trained: [-1, -2], sampled: [-1.5, -1.8]) - exp(0.3)) < 1e-12)
    #expect(correction.weight(trained: [-1, -1], sampled: [-2, -1.5]) == 0)
  }

  /// Without old log-probabilities ρ = 1 to the bit.
  @Test func aPolicyThatSampledItself() throws {
    let fixture = try PolicyLossFixture()
    let now = try fixture.logProbabilities()
    let objective = try GroupPolicyObjective(aggregation: .luspo)
    let advantages = try PolicyLossFixture.list(fixture.json["advantages"])
    let slopes = objective.loss(of: try fixture.group(hasOld: false), logProbabilities: now).slopes
    for (sequence, slopes) in slopes.enumerated() {
      #expect(slopes.allSatisfy { $0 == (sequence == 5 ? 0 : -advantages[sequence]) })
    }
  }

  /// A group weighs what its answers weigh apart, masked ones too.
  @Test(arguments: PolicyAggregation.allCases) func groupsAreTheirAnswers(aggregation: PolicyAggregation) throws {
    let fixture = try PolicyLossFixture()
    let (now, group) = (try fixture.logProbabilities(), try fixture.group())
    let objective = try GroupPolicyObjective(
      importance: .sequence, aggregation: aggregation, maximumLength: 8, penalty: KLPenalty(beta: 0.1))
    var (loss, weight) = (0.0, 0.0)
    for sequence in now.indices {
      let alone = ScoredExample(
        counts: [group.counts[sequence]], columns: group.columns.mapValues { [$0[sequence]] })
      weight += objective.weight(of: alone)
      loss += objective.loss(of: alone, logProbabilities: [now[sequence]]).loss
    }
    #expect(weight == objective.weight(of: group) && weight == (aggregation.countsAnswers ? 6 : 20))
    #expect(abs(loss - objective.loss(of: group, logProbabilities: now).loss) < 1e-12)
  }

  @Test func impossibleParameters() {
    for surrogate in [
      .clipped(low: -0.1, high: 0.2), .clipped(low: 1.1, high: 0.2), .clipped(low: 0.2, high: .nan),
      .clipped(low: 0.2, high: 0.2, cap: 1.2), .cispo(maximum: 0), .sapo(positive: 0, negative: 1),
      .sapo(positive: 1, negative: .infinity),
    ] as [PolicySurrogate] {
      #expect(throws: ObjectiveError.self) { try GroupPolicyObjective(surrogate) }
    }
    #expect(throws: ObjectiveError.self) { try GroupPolicyObjective(aggregation: .drGRPO) }
    #expect(throws: ObjectiveError.self) { try KLPenalty(beta: 0) }
  }

  @Test func wordsAreThoseOfTheMethod() throws {
    let grpo = try GroupPolicyObjective(importance: .sequence, penalty: KLPenalty(beta: 0.04)).words
    #expect(grpo.tag == "grpo" && grpo.figures.map(\.metric) == ["kl", "clip_ratio/region_mean"])
    #expect(grpo.citations.count == 3 && grpo.citations[2].contains("DAPO"))
    let rloo = try GroupPolicyObjective(importance: .answer, aggregation: .grpo).words
    #expect(rloo.tag == "rloo" && rloo.citations.count == 1 && rloo.citations[0].contains("Back to Basics"))
  }
}
