import Alignment
import ArgumentParser
import Foundation
import Llama
import ModelFiles
import Reporting
import Torch
import Training

/// The phase before training in which the reference scores every pair once.
struct ReferencePhase {
  let training: [PreferenceLoss.Sides]
  let heldOut: [PreferenceLoss.Sides]

  /// Scores a job's pairs under the reference, or takes their scores from the cache.
  /// - Parameters:
  ///   - policy: the policy, not yet trained.
  ///   - isNeeded: whether the loss compares with a reference.
  init(job: TrainingJob, policy: LlamaModel, isNeeded: Bool) throws {
    guard isNeeded else { (training, heldOut) = ([], []); return }
    let cache = Self.cache(job.origin.reference ?? job.origin.base, policy.dtype)
    let model = try job.reference.map { try LlamaModel($0, training: false, dtype: policy.dtype) } ?? policy
    var progress = ProgressLine("reference", total: job.data.examples.count + job.data.heldOut.count, unit: "pairs")
    let known = cache?.count ?? 0

    func scores(_ examples: [TrainingExample], _ order: EpochOrder, before: Int) throws -> [PreferenceLoss.Sides] {
      guard !examples.isEmpty else { return [] }
      let pass = BatchPass(
        model: model, examples: examples, objective: SupervisedObjective(), microTokens: job.settings.microTokens)
      return try ReferenceScores(pass: pass, cache: cache)(order.batches(epoch: 0)) { done in
        progress.update(done: before + done)
        if let code = Interruption.exitCode {
          progress.note("stopped after \(before + done) pairs, whose scores are kept; go on with --resume")
          throw ExitCode(code)
        }
      }
    }
    training = try scores(job.data.examples, job.order, before: 0)
    heldOut = try scores(
      job.data.heldOut, EpochOrder(count: job.data.heldOut.count, batchSize: job.settings.batchSize, seed: nil),
      before: training.count)
    progress.finish()
    if let cache, cache.count == known { note("  all of them were known from an earlier run") }
  }

  /// The cache of a reference's scores, by its fingerprint; nil, with a word about it, where it cannot be used.
  private static func cache(_ fingerprint: String, _ dtype: DType) -> ReferenceCache? {
    do {
      return try ReferenceCache(folder: folder, fingerprint: fingerprint, dtype: dtype.rawValue)
    } catch {
      note("going on without a cache: \(error)")
      return nil
    }
  }

  /// `CARAVAN_CACHE`, or `caravan` in the user's folder for caches.
  private static var folder: URL {
    let environment = ProcessInfo.processInfo.environment
    let caches =
      environment["CARAVAN_CACHE"].map { URL(filePath: $0) }
      ?? (environment["XDG_CACHE_HOME"].map { URL(filePath: $0) }
      ?? FileManager.default.homeDirectoryForCurrentUser.appending(path: ".cache")).appending(path: "caravan")
    return caches.appending(path: "reference")
  }
}
