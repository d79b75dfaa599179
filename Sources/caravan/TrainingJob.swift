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
  let format: ChatFormat
  let data: TrainingData
  private(set) var settings: TrainingSettings
  let order: EpochOrder
  private let dtype: DType
  private let memory: MemoryEstimate
  private let destination: RunOptions
  private let options: ResolvedOptions

  /// Settles a run whose folder is prepared.
  init(
    base: ModelFolder, format: ChatFormat, data: TrainingData, _ destination: RunOptions, _ training: TrainingOptions,
    _ pace: some PaceOptions, _ dtype: DType, _ options: ResolvedOptions
  ) {
    self.dtype = dtype
    self.base = base
    self.format = format
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
  }

  /// Loads the model to train. From here on the run exists, and can be resumed.
  func loadModel() throws -> LlamaModel {
    Interruption.install()
    note("loading \(base.url.relativePath): \(ParameterLayout(base.config).count) parameters")
    note("memory: \(memory)")
    if memory.recomputedLayers > 0 {
      note(
        "  \(memory.recomputedLayers) of \(base.config.layerCount) layers are computed again for the backward where sequences are longest"
      )
    }
    let model = try LlamaModel(base, training: true, dtype: dtype)
    try RunFolder.settle(options.values, in: destination.folder, resuming: destination.resume)
    return model
  }

  /// Trains, and writes the trained model and its card.
  func train(
    _ model: LlamaModel, method: ModelCard.Method, objective: any Objective, heldOutObjective: any Objective
  ) throws {
    let trainer = try Trainer(model: model, examples: data.examples, objective: objective, settings: settings)
    let heldOut =
      data.heldOut.isEmpty
      ? nil
      : HeldOutData(
        pass: BatchPass(
          model: model, examples: data.heldOut, objective: heldOutObjective, microTokens: settings.microTokens),
        batchSize: settings.batchSize)
    var writer = try ModelFolderWriter(carryingOver: base)
    if format.tokenizer.chatTemplate != format.template.source {
      writer.files["chat_template.jinja"] = Array(format.template.source.utf8)
    }
    let run = try TrainingRun(
      folder: destination.folder, trainer: trainer, heldOut: heldOut, writer: writer,
      saveEvery: destination.saveEvery, keep: destination.keep, resuming: destination.resume)
    guard try run.run() == .finished else { throw ExitCode(Interruption.exitCode ?? 130) }

    let card = try ModelCard(
      method: method, base: base, format: format, data: data.counts, options: options.values,
      folder: destination.folder)
    writer.files["README.md"] = Array(try card.markdown().utf8)
    try writer.write(model.outputTensors(.float32), to: destination.folder)
    note("the model is in \(destination.output)")
    try output(destination.output + "\n")
  }
}

extension RunOptions {
  /// Finds what would stop a run before anything heavy is read: weights that are not the model's, an output folder in
  /// use or without room, a resumed run with other options.
  func prepare(for base: ModelFolder, _ options: ResolvedOptions) throws {
    _ = try base.openWeights()
    try RunFolder.prepare(
      folder, resuming: resume, parameterCount: ParameterLayout(base.config).count, keep: keep)
    if resume { try RunFolder.settle(options.values, in: folder, resuming: true) }
  }
}
