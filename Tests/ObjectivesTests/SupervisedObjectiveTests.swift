import Foundation
import Objectives
import Testing

/// Losses of single tokens.
@Suite struct SupervisedObjectiveTests {
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
