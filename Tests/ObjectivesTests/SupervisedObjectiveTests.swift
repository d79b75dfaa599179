import Foundation
import Objectives
import Testing

/// Losses of single tokens.
@Suite struct SupervisedObjectiveTests {
  private static let objectives: [any Objective] = [SupervisedObjective(), DynamicSupervisedObjective()]

  @Test(arguments: [0, 1]) func weightsOfOneChangeNoBit(index: Int) {
    let (objective, values): (any Objective, [[Float]]) = (Self.objectives[index], [[-0.5, -3, -1.7]])
    let (plain, weighted) = (ScoredExample(counts: [3]), ScoredExample(counts: [3], columns: [.weight: [[1, 1, 1]]]))
    #expect(objective.weight(of: plain) == 3 && objective.weight(of: weighted) == 3)
    let losses = [plain, weighted].map { objective.loss(of: $0, values: values) }
    #expect(losses[0].loss == losses[1].loss && losses[0].slopes == losses[1].slopes)
  }

  /// Σ w loss / Σ w, and its derivative by each log-probability, in which p of dynamic fine-tuning is held.
  @Test(arguments: [0, 1]) func weightedMeansAndTheirSlopes(index: Int) {
    let objective = Self.objectives[index]
    let (weights, values): ([[Double]], [[Float]]) = ([[0.5, 3], [1e-3]], [[-0.5, -3], [-1.25]])
    let example = ScoredExample(counts: [2, 1], columns: [.weight: weights])
    #expect(abs(objective.weight(of: example) - 3.501) < 1e-12)
    let held = values.map { $0.map { index == 0 ? 1 : exp(Double($0)) } }
    func mean(_ values: [[Double]]) -> Double {
      var sum = 0.0
      for sequence in values.indices {
        for place in values[sequence].indices {
          sum -= weights[sequence][place] * held[sequence][place] * values[sequence][place]
        }
      }
      return sum / 3.501
    }
    let exact = values.map { $0.map(Double.init) }
    let loss = objective.loss(of: example, values: values)
    #expect(abs(loss.loss / 3.501 - mean(exact)) < 1e-12)
    for sequence in exact.indices {
      for place in exact[sequence].indices {
        var (above, below) = (exact, exact)
        above[sequence][place] += 1e-3
        below[sequence][place] -= 1e-3
        let slope = (mean(above) - mean(below)) / 2e-3
        #expect(abs(loss.slopes[sequence][place] / 3.501 - slope) < 1e-9)
      }
    }
  }

  /// arXiv 2508.05629: p is a weight, through which no gradient flows.
  @Test func dynamicFineTuningWeighsATokenByItsProbability() {
    let (example, values): (ScoredExample, [[Float]]) = (ScoredExample(counts: [2]), [[-0.5, -3]])
    let objective = DynamicSupervisedObjective()
    let loss = objective.loss(of: example, values: values)
    #expect(abs(loss.loss - (0.5 * exp(-0.5) + 3 * exp(-3))) < 1e-12)
    #expect(objective.weight(of: example) == 2)
    let (h, weights) = (1e-3, [exp(-0.5), exp(-3)])
    for place in 0..<2 {
      func held(_ shift: Double) -> Double { -weights[place] * (Double(values[0][place]) + shift) }
      #expect(abs(loss.slopes[0][place] - (held(h) - held(-h)) / (2 * h)) < 1e-9)
    }
  }
}
