import Alignment
import Foundation
import Llama
import ModelFiles
import Objectives
import Torch
import Training

/// The phase before training in which the reference scores every example once.
enum ReferencePhase {
  /// Scores a run's examples under the reference, or takes their scores from the cache.
  /// - Parameters:
  ///   - policy: the model to train, as it is before.
  ///   - withShared: whether sums as far as the shorter answer goes are wanted too.
  /// - Returns: whether all are scored; what was scored before a stop is kept.
  static func score(_ run: inout RecipeRun, policy: LlamaModel, withShared: Bool = false) throws -> Bool {
    let observers = run.context.observers
    let ranks = run.context.ranks
    let cache = try ranks.isFirst ? cache(run) : nil
    let known = cache?.count
    let other = try run.beginning.reference.map { folder in
      try LlamaModel(
        folder, keeping: run.beginning.frozenType.format(of: folder), dtype: policy.dtype, sharedBy: run.owners)
    }
    let model = try other ?? policy.withoutIdleAdapter()
    let scores = ReferenceScores(
      pass: BatchPass(
        model: model, objective: SupervisedObjective(), microTokens: run.settings.microTokens, among: ranks),
      cache: cache)
    let (order, settings) = (run.order, run.settings)
    let batches = order.batches(covering: order.steps(epochs: settings.epochs, maxSteps: settings.maxSteps))
    let count = batches.map(\.count).reduce(0, +)
    let total = count + run.data.heldOut.count
    var before = 0

    func progress(_ done: Int) throws {
      try observers.observe(.scored(done: before + done, total: total))
      if try ranks.any(observers.asksToStop) { throw Stop(done: before + done) }
    }
    do {
      try scores.add(
        to: &run.data.examples, in: batches, withShared: withShared, progress: progress)
      before = count
      let heldOutOrder = EpochOrder(count: run.data.heldOut.count, batchSize: run.settings.batchSize, seed: nil)
      try scores.add(
        to: &run.data.heldOut, in: heldOutOrder.batches(epoch: 0), withShared: withShared, progress: progress)
    } catch let stop as Stop {
      try observers.observe(.stoppedScoring(done: stop.done))
      return false
    }
    try observers.observe(.scoredAll(total, allWereKnown: known != nil && known == cache?.count))
    return true
  }

  private struct Stop: Error {
    let done: Int
  }

  /// The cache of a reference's scores, by its fingerprint; nil, with a word about it, where it cannot be used.
  private static func cache(_ run: RecipeRun) throws -> ReferenceCache? {
    do {
      let format = try run.beginning.reference.map(run.beginning.frozenType.format) ?? run.beginning.baseFormat
      return try ReferenceCache(
        folder: CacheFolder.named("reference"), fingerprint: run.origin.reference ?? run.origin.base,
        dtype: run.machine.dtype.cacheName + format.cacheName)
    } catch {
      try run.context.remark("going on without a cache: \(error)")
      return nil
    }
  }
}

extension DType {
  /// What the cache knows scores in this type by: narrow ones that an older version computed are over other weights.
  fileprivate var cacheName: String { self == .float32 ? rawValue : "dithered \(rawValue)" }
}

extension FrozenFormat {
  /// What the cache knows scores of rounded weights by; what is kept exactly scores as float32 does.
  fileprivate var cacheName: String {
    switch self {
    case .float32: ""
    case .bfloat16: " over dithered bfloat16"
    case .int8, .nf4: " over \(rawValue)"
    }
  }
}
