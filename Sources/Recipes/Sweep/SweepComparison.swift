import Foundation
import JSON
import ModelFiles
import Training
import Wording

/// The finished runs of a sweep side by side, the best first.
///
/// The best is that by the measure that was asked for. Without one it is the lowest held-out loss, or loss where nothing is held
/// out. But where a setting varies that is part of the loss, as β is, losses are different measures in different runs; then it is
/// the highest accuracy, where the runs have one.
public struct SweepComparison: Sendable {
  /// A finished run.
  public struct Run: Sendable {
    /// Its folder, with the trained model.
    public let folder: URL
    /// The varied settings that make a difference to it.
    public let settings: TextKeyed<String>
    /// What came out, by the names in `metrics.jsonl`.
    public internal(set) var results: TextKeyed<Double> = [:]
    var curves: TextKeyed<[CurvePoint]> = [:]

    /// Which of the sweep's runs it is.
    let place: Int

    package init(_ folder: URL, _ settings: TextKeyed<String>, place: Int) {
      self.folder = folder
      self.settings = settings
      self.place = place
    }

    /// What tells it from the others.
    public var title: String { settings.map { "\($0.key) \($0.value)" }.joined(separator: ", ") }
  }

  /// The runs, the best first; those without the measure last.
  public let runs: [Run]
  /// The measure of the best, by its name in `metrics.jsonl`.
  public let measure: String
  /// The runs that are not finished.
  public let pending: Int
  /// What a person should know before comparing, a sentence each.
  public let notes: [String]

  /// The most points of a curve, given so many of them.
  static func pointCount(runs: Int) -> Int { max(2, min(200, 20_000 / runs)) }

  /// Compares runs by what lies in their folders.
  /// - Parameter losses: the varied settings that are part of the loss.
  package init(_ runs: [Run], pending: Int, best: String?, losses: [String]) throws {
    guard !runs.isEmpty else { throw TrainingError("no run of the sweep is finished") }
    var notes: [String] = []
    let runs = runs.map { run in
      var run = run
      let measures = RunMeasures(folder: run.folder, pointCount: Self.pointCount(runs: runs.count))
      (run.results, run.curves) = (measures.results, measures.curves)
      if measures.foreignCount > 0 {
        notes.append(
          "\(RunFolder.metrics(in: run.folder).path) is damaged: \(measures.foreignCount == 1 ? "1 line is" : "\(measures.foreignCount) lines are") no metrics."
        )
      }
      return run
    }
    let accuracies = losses.isEmpty ? [] : ["eval_rewards/accuracies", "rewards/accuracies"]
    let candidates = best.map { [$0] } ?? accuracies + ["eval_loss", "loss"]
    guard let measure = candidates.first(where: { name in runs.contains { $0.results[name] != nil } }) else {
      let known = runs.flatMap(\.results.keys)
      throw TrainingError(
        "\(setting: "best"): no run has measured \(candidates[0]), but \(Set(known).sorted().joined(separator: ", "))")
    }
    self.measure = measure
    self.pending = pending
    let sign = SweepMeasure.isBetterLow(measure) ? 1.0 : -1
    func rank(_ run: Run) -> Double { run.results[measure].map { sign * $0 } ?? .infinity }
    self.runs = runs.enumerated().sorted { (rank($0.element), $0.offset) < (rank($1.element), $1.offset) }.map(
      \.element)
    self.notes = notes + Self.notes(losses, self.runs, measure)
  }

  private static func notes(_ losses: [String], _ runs: [Run], _ measure: String) -> [String] {
    var notes = ["What batches measured is the mean over the last tenth of the steps."]
    if !losses.isEmpty {
      let names = losses.joined(separator: ", ")
      notes.append(
        "Losses, rewards and margins are different measures in runs that differ in \(names): compare these only where that is the same."
      )
    }
    let equals = runs.dropFirst().count { $0.results[measure] == runs.first?.results[measure] }
    if equals > 0 {
      notes.append("\(equals == 1 ? "One other run is" : "\(equals) other runs are") as good by \(measure).")
    }
    let missing = runs.count { $0.results[measure] == nil }
    if missing > 0 {
      notes.append("\(missing == 1 ? "One run has" : "\(missing) runs have") no \(measure), and cannot be the best.")
    }
    func have(_ name: String) -> Bool { runs.contains { $0.results["eval_" + name] != nil } }
    if have(BatchResult.logRatio) {
      notes.append(
        "The log-ratio is how much likelier held-out answers (of a pair the chosen one) are to the model than to the reference, in "
          + "nats a token. It is measured on the data and not on the model's own answers, so it is no KL divergence.")
    }
    if have(SampledAnswers.length) {
      let divergence =
        have(SampledAnswers.divergence)
        ? ", and its KL divergence from the reference, as that was at first, in nats an answer" : ""
      notes.append(
        "The model's own answers are sampled at temperature 1 and cut at \(SampledAnswers.maximumTokens) tokens; cut is the share of "
          + "them that was. Their mean length is in tokens\(divergence).")
    }
    return notes
  }

  /// Writes `sweep.json` and the page `sweep.html`.
  package func write(to folder: URL) throws {
    try AtomicFile.write(Array((json.prettyText + "\n").utf8), to: folder.appending(path: "sweep.json").path)
    try AtomicFile.write(
      Array(SweepPage(self, name: folder.lastPathComponent).html.utf8), to: folder.appending(path: "sweep.html").path)
  }
}
