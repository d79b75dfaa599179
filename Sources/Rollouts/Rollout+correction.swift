import Alignment
import JSON
import Objectives

extension SamplingCorrection {
  /// Weighs the answers of a rollout that a narrow copy of the weights gave.
  /// - Parameter examples: one a group, with the old log-probabilities, which are those of the weights in training.
  /// - Returns: how far the two lie apart, by the names that TRL gives that.
  func weigh(_ examples: inout [TrainingExample], of rollout: Rollout) -> TextKeyed<Double> {
    var (differences, weights): ([Double], [Double]) = ([], [])
    for (index, group) in rollout.groups.enumerated() {
      let trained = examples[index].columns[.oldLogProbability] ?? []
      let own = zip(trained, group.answers).map { trained, answer in
        let sampled = answer.logProbabilities.map(Double.init)
        differences += zip(trained, sampled).map { abs($0 - $1) }
        return weight(trained: trained, sampled: sampled)
      }
      examples[index].columns[.samplingWeight] = own.map { [$0] }
      weights += own
    }
    return [
      "sampling/sampling_logp_difference/mean": differences.mean,
      "sampling/sampling_logp_difference/max": differences.max() ?? 0,
      "sampling/importance_sampling_ratio/min": weights.min() ?? 0,
      "sampling/importance_sampling_ratio/mean": weights.mean,
      "sampling/importance_sampling_ratio/max": weights.max() ?? 0,
    ]
  }
}
