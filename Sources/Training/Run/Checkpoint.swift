import Collectives
import Foundation
import JSON
import Llama
import ModelFiles
import Torch
import Wording

/// A run as it stood after a step: a folder of the model, or of the adapter that is trained beside it, as transformers and PEFT load it, and beside the weights all else that going on
/// needs. The order of the data needs nothing, since it follows from the seed and the step.
public struct Checkpoint: Sendable {
  /// The folder, named `checkpoint-` and the step.
  public let url: URL
  /// The step that it was written after.
  public let step: Int

  /// How far a run has come, besides its steps.
  struct Progress: Equatable {
    /// The tokens that were trained on.
    var tokenCount = 0
    /// The epochs that were done when a measurement of held-out data was broken off, which is still to be made.
    var unmeasuredEpoch: Double?
  }

  private static let prefix = "checkpoint-"
  private static let optimizerFile = "optimizer.safetensors"
  private static let referenceFile = "reference.safetensors"
  private static let criticFile = "value.safetensors"
  private static let criticOptimizerFile = "value_optimizer.safetensors"
  private static let stateFile = "trainer_state.json"

  /// The whole checkpoints of a run, oldest first. A folder becomes one by its renaming, so a half-written one is none.
  public static func all(in run: URL) -> [Checkpoint] {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: run.path)) ?? []
    return names.compactMap { name in
      guard name.hasPrefix(prefix), let step = Int(name.dropFirst(prefix.count)) else { return nil }
      return Checkpoint(url: run.appending(path: name), step: step)
    }.sorted { $0.step < $1.step }
  }

  /// Writes a trainer's state into a folder of its own, synced and renamed into place, and then removes all but the
  /// newest `keep` checkpoints. Of several ranks the first writes, what the others keep too; what is written is the same for any
  /// number of them.
  /// - Throws: `ModelFileError` where the disk is full or not writable; earlier checkpoints are then untouched.
  static func write(
    _ trainer: Trainer, _ source: any BatchSource, _ reference: MovingReference? = nil, critic: Trainer? = nil,
    progress: Progress, as model: ModelFolderWriter, in run: URL, keep: Int
  ) throws -> Checkpoint {
    let step = trainer.stepCount
    let partial = run.appending(path: ".\(prefix)\(step).partial")
    let place = run.appending(path: "\(prefix)\(step)")
    guard trainer.ranks.isFirst else {
      try trainer.model.sendWeights()
      try trainer.optimizer.sendMoments()
      try reference?.sendWeights()
      try critic?.optimizer.sendMoments()
      try trainer.ranks.barrier()
      return Checkpoint(url: place, step: step)
    }
    try? FileManager.default.removeItem(at: partial)
    do {
      try model.write(trainer.model.outputTensors(.float32), to: partial)
      try SafetensorsWriter.write(trainer.optimizer.outputTensors, to: partial.appending(path: optimizerFile).path)
        .commit()
      if let reference {
        try SafetensorsWriter.write(reference.outputTensors, to: partial.appending(path: referenceFile).path).commit()
      }
      if let critic {
        for (tensors, file) in [
          (critic.model.outputTensors(.float32), criticFile), (critic.optimizer.outputTensors, criticOptimizerFile),
        ] { try SafetensorsWriter.write(tensors, to: partial.appending(path: file).path).commit() }
      }
      var state: TextKeyed<JSON> = [
        "step": .integer(step), "num_tokens": .integer(progress.tokenCount), "data": .string(source.fingerprint),
      ]
      if let epoch = progress.unmeasuredEpoch { state["unmeasured_epoch"] = .number(epoch) }
      if source.state != .null { state["source"] = source.state }
      let memory = trainer.objective.memory.sorted { $0.key < $1.key }
      if !memory.isEmpty {
        state["objective"] = .object(
          TextKeyed(memory.map { ($0.key, .number($0.value)) }, uniquingKeysWith: { $1 }))
      }
      try AtomicFile.write(
        Array((JSON.object(state).prettyText + "\n").utf8), to: partial.appending(path: stateFile).path)
      try Checksums.write(in: partial, last: stateFile)
      try? FileManager.default.removeItem(at: place)
      guard rename(partial.path, place.path) == 0 else {
        throw ModelFileError(place.path, "cannot be written: \(String(cString: strerror(errno)))")
      }
      try AtomicFile.syncFolder(run.path)
    } catch {
      try? FileManager.default.removeItem(at: partial)
      throw error
    }
    for old in all(in: run).dropLast(max(1, keep)) { try? FileManager.default.removeItem(at: old.url) }
    try trainer.ranks.barrier()
    return Checkpoint(url: place, step: step)
  }

  /// The newest one of a run, which all ranks go on from.
  /// - Throws: `CollectiveError` where a rank does not see what the first one does.
  static func newest(in run: URL, among ranks: any Communicator) throws -> Checkpoint? {
    let own = all(in: run)
    let step = try ranks.gather([own.last?.step ?? -1])[0][0]
    guard step >= 0 else { return nil }
    guard let checkpoint = own.first(where: { $0.step == step }) else {
      throw CollectiveError(
        "\(run.appending(path: "\(prefix)\(step)").path) is not here; \(setting: "output") must be a folder that all hosts "
          + "see, as a shared file system has it")
    }
    return checkpoint
  }

  /// The bytes that a checkpoint takes: float32 weights and their moments, a moving reference, and a critic's weights and
  /// moments.
  public static func bytesNeeded(
    parameterCount: Int, withReference: Bool = false, criticCount: Int = 0, moments: AdamW.MomentFormat = .float32
  ) -> Int {
    let trained = parameterCount + criticCount
    return 4 * trained + moments.byteCount(trained) + (withReference ? 4 * parameterCount : 0) + 1 << 20
  }

  /// Puts a trainer, and the source of its batches, where they were.
  /// - Parameter remark: takes what a person should know.
  /// - Throws: `TrainingError` where the checkpoint is damaged, or where the data are no longer those of the run.
  func restore(
    _ trainer: Trainer, _ source: inout any BatchSource, _ reference: MovingReference? = nil, critic: Trainer? = nil,
    remark: (String) throws -> Void
  ) throws -> Progress {
    let state: JSON
    do {
      if try !Checksums.verify(in: url, last: Self.stateFile) {
        try remark("an older version wrote \(url.path), without checksums: whether it is as it was cannot be checked")
      }
      state = try JSON(parsing: [UInt8](Data(contentsOf: url.appending(path: Self.stateFile))))
    } catch {
      throw damaged(error)
    }
    guard state["data"]?.string == source.fingerprint else {
      throw TrainingError(
        "\(setting: "resume"): the data, or what the tokenizer and template make of them, are not those that \(url.path) was "
          + "trained on; put them back, or begin in another folder")
    }
    do {
      guard state["step"]?.int == step, let tokenCount = state["num_tokens"]?.int else {
        throw TrainingError("\(Self.stateFile) is not of step \(step)")
      }
      if trainer.model.adapter == nil {
        try trainer.model.readWeights(of: ModelFolder(url))
      } else {
        try trainer.model.restore(AdapterFolder(url).tensors, of: "the adapter")
      }
      try trainer.optimizer.restore(
        SafetensorsFile(url.appending(path: Self.optimizerFile)).tensors, stepCount: step)
      try reference?.restore(SafetensorsFile(url.appending(path: Self.referenceFile)).tensors)
      if let critic {
        let files = [Self.criticFile, Self.criticOptimizerFile].map { url.appending(path: $0) }
        try critic.model.restore(SafetensorsFile(files[0]).tensors, of: "the value model")
        try critic.optimizer.restore(SafetensorsFile(files[1]).tensors, stepCount: step)
      }
      try source.restore(state["source"] ?? .null)
      var memory: [String: Double] = [:]
      for (name, value) in state["objective"]?.object ?? [:] { memory[name] = value.double }
      try trainer.recall(memory)
      return Progress(tokenCount: tokenCount, unmeasuredEpoch: state["unmeasured_epoch"]?.double)
    } catch {
      throw damaged(error)
    }
  }

  private func damaged(_ reason: any Error) -> TrainingError {
    TrainingError(
      "\(url.path) cannot be resumed from (\(reason)); remove that folder to resume from an earlier checkpoint")
  }
}
