import Collectives
import Foundation
import Inference
import JSON
import ModelFiles
import Reporting
import Training
import Wording

/// Runs of one recipe that differ in a few settings, and what they measure side by side.
///
///     let sweep = Sweep(recipe, varying: ["beta": [0.05, 0.1, 0.3], "learning-rate": [5e-7, 1e-6]])
///     try sweep.run()
///     print(try sweep.comparison().table)
///
/// Each combination of the values is a run as it would be alone, in a folder of its own under the recipe's. The reference scores
/// the data once for all of them, and where all make the same sequences of the data, they are read and tokenized once.
public struct Sweep<Recipe: TrainingRecipe>: Sendable, Equatable {
  /// What the runs have in common; its output is the folder of their folders.
  public var recipe: Recipe
  /// The values of each setting that varies, as texts, by the settings' names.
  public var values: TextKeyed<[String]>
  /// The measure of the best run, by its name in `metrics.jsonl`; without it, what can be compared (see `SweepComparison`).
  public var best: String?

  /// Runs with all combinations of some values.
  public init(_ recipe: Recipe, varying values: TextKeyed<[JSON]>, best: String? = nil) {
    self.recipe = recipe
    self.values = values.mapValues { $0.map { $0.string ?? $0.text } }
    self.best = best
  }

  /// Checks all that can be checked without opening a file.
  /// - Throws: `SettingError` naming the setting or the value that cannot be.
  public func check() throws { _ = try runs }

  /// Trains one run after the other, and writes `sweep.html` and `sweep.json` beside their folders.
  ///
  /// Where the recipe is to be resumed, runs that are finished are left as they are, and the others go on. A run that diverges is
  /// spoken of and left unfinished.
  /// - Returns: whether no run was stopped; a sweep that was asked to stop can be resumed.
  @discardableResult
  public func run(
    observing observers: [any RunObserver] = [], locating locator: any Locator = LocalLocator()
  ) throws -> TrainingRun.Outcome {
    let context = try RunContext(observers: observers, locator: locator, ranks: recipe.ranks)
    let ranks = context.ranks
    let runs = try runs
    // What the last run would fail at is not to be found out after all the others.
    for name in values["reference"] ?? [] { _ = try ModelFolder(context.locator.model(name)).openWeights() }
    let lock = try ranks.isFirst ? prepareFolder() : nil
    // No other process may work on the sweep before this one is done.
    defer { withExtendedLifetime(lock) {} }
    let combinations = values.reduce(1) { $0 * $1.value.count }
    if runs.count < combinations {
      try context.remark(
        "\(combinations) combinations are \(runs.count) runs: the others differ only in what means nothing to them")
    }
    let tokenized = TokenizedData()
    for (place, run) in runs.enumerated() {
      let state = try run.state(among: ranks)
      let progress = "run \(place + 1) of \(runs.count): \(run.title)" as Wording
      try context.remark(state == .finished ? progress + " is finished" : progress)
      guard state != .finished else { continue }
      guard try !ranks.any(observers.asksToStop) else {
        try context.remark("stopped before this run; continue with \(setting: "resume")")
        return .interrupted
      }
      let watch = SweepWatch(run: run.folder, others: runs.map(\.folder), best: best)
      var own = run.recipe
      own.saving.resume = state == .begun
      do {
        let outcome = try own.run(
          in: RunContext(observers: observers + [watch], locator: locator, ranks: own.ranks, tokenized: tokenized))
        guard outcome == .finished else { return .interrupted }
      } catch let error where error.isDivergence {
        try context.remark("this run has diverged and is left unfinished: \(error)")
        continue
      }
      // The measure of the best may be one that only later runs have.
      if ranks.isFirst, let comparison = try? comparison() { try comparison.write(to: recipe.saving.folder) }
    }
    if ranks.isFirst { try comparison().write(to: recipe.saving.folder) }
    return .finished
  }

  /// What the runs that are finished have measured.
  /// - Throws: `TrainingError` where none is, or where none has the measure of the best.
  public func comparison() throws -> SweepComparison {
    let runs = try runs
    let finished = try runs.enumerated().filter { try $0.element.state == .finished }
    return try SweepComparison(
      finished.map { SweepComparison.Run($0.element.folder, $0.element.settings, place: $0.offset) },
      pending: runs.count - finished.count, best: best,
      losses: values.keys.filter { try Recipe.group(of: $0).meaning == .loss })
  }

  /// Makes the folder of the runs, or checks that it is the one of a sweep.
  private func prepareFolder() throws -> RunLock {
    let (saving, record) = (recipe.saving, RunFolder.record(in: recipe.saving.folder))
    let lock = try RunFolder.prepare(saving.folder, resuming: saving.resume, parameterCount: 0, keep: 0)
    if saving.resume, try ConfigFile.values(from: record)[RunRecord.sweepName] == nil {
      throw TrainingError("\(setting: "resume"): \(saving.folder.path) holds a run and no sweep; name another folder")
    }
    try AtomicFile.write(Array(ConfigFile.text(of: self.record).utf8), to: record.path)
    return lock
  }
}

extension Error {
  /// Whether it ends a run for its own settings, as a learning rate that is too high, and not for what its sweep has in common.
  fileprivate var isDivergence: Bool {
    (self as? TrainingError)?.isDivergence ?? (self as? InferenceError)?.isOfLostNumbers ?? false
  }
}
