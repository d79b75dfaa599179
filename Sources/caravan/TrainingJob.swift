import Alignment
import ArgumentParser
import Foundation
import Llama
import ModelFiles
import Reporting
import Torch
import Training

/// What `sft` and `dpo` have in common once the data are token sequences: the output folder, the model, the run, and the
/// trained model with its card.
struct TrainingJob {
  let base: ModelFolder
  /// The model that the trained one is compared with; nil where it is the base.
  let reference: ModelFolder?
  let format: ChatFormat
  let data: TrainingData
  private let written: WrittenFormat
  private(set) var settings: TrainingSettings
  let order: EpochOrder
  let origin: RunOrigin
  private let lock: RunLock
  private let dtype: DType
  private let memory: MemoryEstimate
  private let destination: RunOptions
  private let options: ResolvedOptions

  /// Settles a run whose folder is prepared, and so locked.
  /// - Parameter reference: the model to compare with, where that is not the base and the loss asks for it.
  /// - Throws: `TrainingError` where a resumed run did not begin from these models and data.
  init(
    base: ModelFolder, reference: ModelFolder? = nil, sequences builder: SequenceBuilder, data: TrainingData,
    _ destination: RunOptions, _ lock: RunLock, _ training: TrainingOptions, _ pace: some PaceOptions,
    _ dtype: DType, _ options: ResolvedOptions
  ) throws {
    self.lock = lock
    self.reference = reference
    self.dtype = dtype
    self.base = base
    format = builder.format
    written = WrittenFormat(builder.format, builder.ending, base: base)
    self.data = data
    self.destination = destination
    self.options = options
    settings = training.settings(pace)
    switch training.recompute {
    case .auto:
      settings.activationBytes = MemoryEstimate.activationBudget(base.config, microTokens: settings.microTokens)
    case .always: settings.activationBytes = 0
    case .never: settings.activationBytes = .max
    }
    memory = MemoryEstimate(
      base.config, microTokens: settings.microTokens, longest: data.examples.map(\.packedCount).max() ?? 0,
      activationBytes: settings.activationBytes)
    order = EpochOrder(count: data.examples.count, batchSize: settings.batchSize, seed: settings.shuffleSeed)
    origin = RunOrigin(
      base: try base.fingerprint(), reference: try reference?.fingerprint(), data: data.examples.fingerprint,
      heldOut: data.heldOut.isEmpty ? nil : data.heldOut.fingerprint)
    if destination.resume, try !origin.check(in: destination.folder) {
      note("an older version began this run: whether models and held-out data are still the same cannot be checked")
    }
  }

  /// Loads the model to train. From here on the run exists, and can be resumed.
  func loadModel() throws -> LlamaModel {
    Interruption.install()
    for line in written.notes { note(line) }
    note("loading \(base.url.relativePath): \(ParameterLayout(base.config).count) parameters")
    note("memory: \(memory)")
    if memory.recomputedLayers > 0 {
      note(
        "  \(memory.recomputedLayers) of \(base.config.layerCount) layers are computed again for the backward where sequences are longest"
      )
    }
    let model = try LlamaModel(base, training: true, dtype: dtype)
    try RunFolder.settle(options.values, in: destination.folder, resuming: destination.resume)
    try origin.write(in: destination.folder)
    return model
  }

  /// Trains, and writes the trained model and its card.
  func train(
    _ model: LlamaModel, method: ModelCard.Method, objective: any Objective, heldOutObjective: any Objective
  ) throws {
    // No other process may write the folder before this one is done.
    defer { withExtendedLifetime(lock) {} }
    let trainer = try Trainer(model: model, examples: data.examples, objective: objective, settings: settings)
    if trainer.schedule.highestRate == 0 {
      note(
        "the learning rate is 0 in every step (of \(trainer.totalSteps)), and nothing will be learned: "
          + "the warm-up fills the run; lower --warmup-ratio, or train longer")
    }
    let heldOut =
      data.heldOut.isEmpty
      ? nil
      : HeldOutData(
        pass: BatchPass(
          model: model, examples: data.heldOut, objective: heldOutObjective, microTokens: settings.microTokens),
        batchSize: settings.batchSize)
    var writer = try ModelFolderWriter(carryingOver: base)
    written.apply(to: &writer, format.tokenizer)
    let run = try TrainingRun(
      folder: destination.folder, trainer: trainer, heldOut: heldOut, writer: writer,
      saveEvery: destination.saveEvery, keep: destination.keep, resuming: destination.resume)
    guard try run.run() == .finished else { throw ExitCode(Interruption.exitCode ?? 130) }

    // The model first: whatever has become of the log or the card, it is not lost.
    try writer.write(model.outputTensors(.float32), to: destination.folder)
    do {
      try writeCard(method, stepCount: trainer.totalSteps)
    } catch {
      note("the model's card cannot be written: \(error)")
    }
    note("the model is in \(destination.output)")
    try output(destination.output + "\n")
  }

  private func writeCard(_ method: ModelCard.Method, stepCount: Int) throws {
    let history = RunHistory(folder: destination.folder, stepCount: stepCount)
    if let gap = history.gap { note("\(gap); the model's card tells what is left") }
    let card = try ModelCard(
      method: method, base: base, format: format, data: data.counts, options: options.values,
      folder: destination.folder, history: history)
    try AtomicFile.write(Array(try card.markdown().utf8), to: destination.folder.appending(path: "README.md").path)
  }
}

extension RunOptions {
  /// Finds what would stop a run before anything heavy is read: weights that are not the model's, an output folder in
  /// use or without room, a resumed run with other options.
  /// - Returns: the folder's lock.
  func prepare(for base: ModelFolder, _ options: ResolvedOptions) throws -> RunLock {
    _ = try base.openWeights()
    let lock = try RunFolder.prepare(
      folder, resuming: resume, parameterCount: ParameterLayout(base.config).count, keep: keep)
    if resume { try RunFolder.settle(options.values, in: folder, resuming: true) }
    return lock
  }
}
