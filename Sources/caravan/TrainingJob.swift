import Alignment
import ArgumentParser
import Foundation
import Llama
import ModelFiles
import Reporting
import Training

/// What `sft` and `dpo` have in common once the data are token sequences: the output folder, the model, the run, and the
/// trained model with its card.
struct TrainingJob {
  let base: ModelFolder
  let format: ChatFormat
  let data: TrainingData
  let settings: TrainingSettings
  let order: EpochOrder
  private let training: TrainingOptions
  private let options: ResolvedOptions

  /// Settles a run whose folder is prepared.
  init(
    base: ModelFolder, format: ChatFormat, data: TrainingData, _ training: TrainingOptions, _ pace: PaceOptions,
    options: ResolvedOptions
  ) {
    self.base = base
    self.format = format
    self.data = data
    self.training = training
    self.options = options
    settings = training.settings(pace)
    order = EpochOrder(count: data.examples.count, batchSize: settings.batchSize, seed: settings.shuffleSeed)
  }

  /// Loads the model to train. From here on the run exists, and can be resumed.
  func loadModel() throws -> LlamaModel {
    Interruption.install()
    note("loading \(base.url.relativePath): \(ParameterLayout(base.config).count) parameters")
    let model = try LlamaModel(base, training: true)
    try RunFolder.settle(options.values, in: training.outputFolder, resuming: training.resume)
    return model
  }

  /// Trains, and writes the trained model and its card.
  func train(
    _ model: LlamaModel, method: ModelCard.Method, objective: any Objective, heldOutObjective: any Objective
  ) throws {
    let trainer = try Trainer(model: model, examples: data.examples, objective: objective, settings: settings)
    let heldOut = data.heldOut.isEmpty ? nil : HeldOutData(
      pass: BatchPass(
        model: model, examples: data.heldOut, objective: heldOutObjective, microTokens: settings.microTokens),
      batchSize: settings.batchSize)
    var writer = try ModelFolderWriter(carryingOver: base)
    if format.tokenizer.chatTemplate != format.template.source {
      writer.files["chat_template.jinja"] = Array(format.template.source.utf8)
    }
    let run = try TrainingRun(
      folder: training.outputFolder, trainer: trainer, heldOut: heldOut, writer: writer,
      saveEvery: training.saveEvery, keep: training.keep, resuming: training.resume)
    guard try run.run() == .finished else { throw ExitCode(Interruption.exitCode ?? 130) }

    let card = try ModelCard(
      method: method, base: base, format: format, data: data.counts, options: options.values,
      folder: training.outputFolder)
    writer.files["README.md"] = Array(try card.markdown().utf8)
    try writer.write(model.outputTensors(.float32), to: training.outputFolder)
    note("the model is in \(training.output)")
    try output(training.output + "\n")
  }
}

extension TrainingOptions {
  /// Finds what would stop a run before anything heavy is read: weights that are not the model's, a missing libtorch, an
  /// output folder in use or without room, a resumed run with other options.
  func prepare(for base: ModelFolder, _ options: ResolvedOptions) throws {
    _ = try base.openWeights()
    try RunFolder.prepare(
      outputFolder, resuming: resume, parameterCount: ParameterLayout(base.config).count, keep: keep)
    if resume { try RunFolder.settle(options.values, in: outputFolder, resuming: true) }
    try compute.start()
  }
}
