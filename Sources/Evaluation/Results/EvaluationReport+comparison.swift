import Foundation

extension EvaluationReport {
  /// How another model did on the same items, a line for each task that both have.
  public func comparison(with other: EvaluationReport) -> [String] {
    var rows = [["task", "metric", model, other.model, "difference", "p"]]
    for entry in tasks {
      guard let theirs = other.tasks.first(where: { $0.task.name == entry.task.name }),
        let metric = entry.task.metrics.first(where: { $0.isByItem }),
        let (first, second) = Self.pairs(entry, theirs, metric.key)
      else { continue }
      let compared = PairedComparison(first: first, second: second)
      let difference = MetricValue(metric: metric, value: compared.difference, standardError: compared.standardError)
      let values = [first, second].map {
        MetricValue(metric: metric, value: SampleStatistics.mean($0), standardError: nil).text
      }
      rows.append(
        [entry.task.name, MetricValue(metric: metric, value: 0, standardError: nil).label] + values
          + [(compared.difference > 0 ? "+" : "") + difference.text, compared.probability.map(Self.short) ?? "–"])
    }
    return rows.count > 1 ? Self.aligned(rows) : []
  }

  private static func pairs(_ one: Entry, _ other: Entry, _ key: String) -> (first: [Double], second: [Double])? {
    guard one.scored.count == other.scored.count,
      zip(one.scored, other.scored).allSatisfy({ $0.item.document == $1.item.document })
    else { return nil }
    let pairs = zip(one.scored, other.scored).compactMap { a, b -> (Double, Double)? in
      guard let first = a.scores[key]?.first, let second = b.scores[key]?.first else { return nil }
      return (first, second)
    }
    return pairs.isEmpty ? nil : (pairs.map(\.0), pairs.map(\.1))
  }

  private static func short(_ probability: Double) -> String {
    probability < 0.0001 ? "< 0.0001" : String(format: "%.4f", probability)
  }
}
