import JSON

/// A benchmark: which data it needs, what a record of them becomes, how an answer is scored, and how scores average.
///
/// Each is one small type under `Tasks`. What most have in common, means with standard errors, comes by itself.
public protocol EvaluationTask: Sendable {
  /// The name that people call it by, as lm-evaluation-harness does: `gsm8k`.
  var name: String { get }
  /// The name in papers: `GSM8K`.
  var title: String { get }
  /// Where its data are.
  var source: BenchmarkSource { get }
  /// The metrics, the one that reports quote first.
  var metrics: [Metric] { get }
  /// How many solved examples a prompt begins with.
  var shots: Int { get }
  /// What changes with it when prompts or scores do, as the harness counts.
  var version: Int { get }
  /// Whether it can be asked and read as lm-evaluation-harness does.
  var hasHarnessForm: Bool { get }
  /// What it cannot say by itself and what to do about it, in one line; nil for nothing.
  var remark: String? { get }
  /// What to know of these of its items on this machine, in one line; nil for nothing.
  /// - Throws: errors of what they are to be scored by.
  func remark(on items: [EvaluationItem]) throws -> String?

  /// The items of its data, in their order.
  /// - Throws: `EvaluationError` for data that are not its own.
  func items(of data: BenchmarkData) throws -> [EvaluationItem]

  /// The numbers that an answer gets, by the metrics' keys. A metric's value is the mean of all of its numbers.
  /// - Throws: `EvaluationError` for an item that cannot be scored.
  func scores(of answer: ModelAnswer, to item: EvaluationItem) throws -> ItemScores

  /// What all scores come to.
  func values(of scored: [ScoredItem]) -> [MetricValue]

  /// What larger groups than those of the items come to, as the categories of MMLU.
  func categories(of scored: [ScoredItem]) -> [GroupResult]
}

/// What an answer got: the numbers by the keys of their metrics.
public typealias ItemScores = TextKeyed<[Double]>

extension EvaluationTask {
  /// None, unless the task says otherwise.
  public var shots: Int { 0 }
  /// It has a form of its own only.
  public var hasHarnessForm: Bool { false }
  /// The first.
  public var version: Int { 1 }
  /// It needs nobody else.
  public var remark: String? { nil }
  /// Every machine scores alike.
  public func remark(on items: [EvaluationItem]) throws -> String? { nil }
  /// The means.
  public func values(of scored: [ScoredItem]) -> [MetricValue] { metrics.compactMap { $0.mean(of: scored) } }
  /// None.
  public func categories(of scored: [ScoredItem]) -> [GroupResult] { [] }

  /// The result of items: as a whole, by the groups that they name, and by larger ones.
  public func result(of scored: [ScoredItem]) -> TaskResult {
    var names: [String] = []
    var members: TextKeyed<[ScoredItem]> = [:]
    for one in scored {
      guard let group = one.item.group else { continue }
      if members[group] == nil { names.append(group) }
      members[group, default: []].append(one)
    }
    let groups = names.map { name in
      let part = members[name] ?? []
      return GroupResult(name: name, values: metrics.compactMap { $0.mean(of: part) }, count: part.count)
    }
    return TaskResult(
      name: name, title: title, shots: shots, count: scored.count, values: values(of: scored), groups: groups,
      categories: categories(of: scored))
  }
}
