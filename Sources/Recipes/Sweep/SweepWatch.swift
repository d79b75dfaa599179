import Foundation
import JSON
import Reporting
import Training
import Wording

/// Ends a run of a sweep that could not be compared with the others, before it has taken time.
final class SweepWatch: RunObserver {
  private let run: URL
  private let others: [URL]
  private var best: String?

  /// Watches a run.
  /// - Parameters:
  ///   - run: its folder.
  ///   - others: the folders of all runs.
  ///   - best: the measure that it must have.
  init(run: URL, others: [URL], best: String?) {
    self.run = run
    self.others = others
    self.best = best
  }

  func observe(_ event: RunEvent) throws {
    switch event {
    case .began: try checkOrigin()
    case .stepped(let report): try checkMeasure(report)
    default: break
    }
  }

  /// Data or model may have changed since the other runs.
  private func checkOrigin() throws {
    guard let own = RunOrigin(in: run) else { return }
    for folder in others where folder != run {
      guard let other = RunOrigin(in: folder) else { continue }
      // The reference may be what varies.
      let comparable = RunOrigin(base: own.base, reference: other.reference, data: own.data, heldOut: own.heldOut)
      _ = try comparable.check(in: folder)
    }
  }

  /// Held-out data are measured as the batches are, and besides against the reference.
  private func checkMeasure(_ report: StepReport) throws {
    guard let name = best else { return }
    best = nil
    let names = ["loss"] + report.step.result.metrics.keys + report.figures.keys
    let known =
      names
      + (names + [BatchResult.logRatio, SampledAnswers.length, SampledAnswers.cut, SampledAnswers.divergence]).map {
        "eval_" + $0
      }
    guard !known.contains(name) else { return }
    let meant = nearestName(name, among: known).map { "; did you mean \($0)?" }
    throw TrainingError(
      "\(setting: "best"): the runs do not measure \(name)\(meant ?? ", but \(names.joined(separator: ", "))"); name another "
        + "measure, and go on by \(setting: "resume")")
  }
}
