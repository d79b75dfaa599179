import JSON

/// RewardBench (Lambert et al. 2024, arXiv 2403.13787): in which of its pairs a reward model prefers the better answer.
///
/// Reports quote the mean of four sections, in which subsets count by their sizes; see ``RewardBench``.
public struct RewardBenchTask: EvaluationTask {
  /// `rewardbench`.
  public let name = "rewardbench"
  /// RewardBench.
  public let title = "RewardBench"
  /// The data of the paper.
  public let source = BenchmarkSource(
    repository: "allenai/reward-bench", split: "filtered", address: "https://github.com/allenai/reward-bench",
    count: 2985)
  /// The mean of the sections, and the share of all pairs.
  public let metrics = [Metric("score", isByItem: false), Metric("acc")]

  /// The task.
  public init(_ settings: TaskSettings = TaskSettings()) {}

  /// The pairs, by their subsets.
  public func items(of data: BenchmarkData) throws -> [EvaluationItem] {
    try data.records(of: source.split).map { record in
      let answers = [try record.text("chosen", of: name), try record.text("rejected", of: name)]
      return EvaluationItem(
        document: record, group: try record.text("subset", of: name),
        prompt: TaskPrompt(question: try record.text("prompt", of: name), isChat: true), request: .rewards(answers),
        target: answers[0])
    }
  }

  /// Whether the chosen answer has the higher reward; a pair without both rewards counts nowhere.
  public func scores(of answer: ModelAnswer, to item: EvaluationItem) -> ItemScores {
    guard case .rewards(let rewards) = answer, rewards.count == 2, let chosen = rewards[0], let rejected = rewards[1]
    else { return [:] }
    return ["acc,none": [chosen > rejected ? 1 : 0]]
  }

  /// The mean of the sections, where there are pairs of all, and the share of all pairs.
  public func values(of scored: [ScoredItem]) -> [MetricValue] {
    let mean = Self.bench(scored).mean.map { MetricValue(metric: metrics[0], value: $0, standardError: nil) }
    return [mean, metrics[1].mean(of: scored)].compactMap(\.self)
  }

  /// The sections.
  public func categories(of scored: [ScoredItem]) -> [GroupResult] {
    Self.bench(scored).scores.map { section, score in
      let subsets = Set(texts: RewardBench.sections.first { $0.name == section }?.subsets.map(\.name) ?? [])
      let count = scored.count { one in one.scores["acc,none"] != nil && subsets.contains(TextKey(one.item.group ?? ""))
      }
      let value = MetricValue(metric: metrics[0], value: score, standardError: nil)
      return GroupResult(name: section, values: [value], count: count)
    }
  }

  private static func bench(_ scored: [ScoredItem]) -> RewardBench {
    var bench = RewardBench()
    for one in scored {
      guard let subset = one.item.group, let verdict = one.scores["acc,none"]?.first else { continue }
      bench.add(subset, isRight: verdict == 1)
    }
    return bench
  }
}
