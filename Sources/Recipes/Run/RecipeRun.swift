import Alignment
import Collectives
import Datasets
import Evaluation
import Foundation
import Inference
import Llama
import ModelFiles
import Objectives
import Text
import Torch
import Training
import Wording

/// What recipes have in common once the data are token sequences: the output folder, the model, the loop, and the trained model
/// with its card.
struct RecipeRun {
  let beginning: RunBeginning
  var data: TrainingData
  let settings: TrainingSettings
  let machine: MachineSettings
  let order: EpochOrder
  let origin: RunOrigin
  private let saving: SavingSettings
  private let gradientType: DType
  private let seed: UInt64
  private let answerCount: Int
  private let evaluateEvery: Int?
  private let questions: [TaskQuestions]
  private let written: WrittenFormat
  private let memory: MemoryEstimate

  var context: RunContext { beginning.context }
  private var ranks: any Communicator { context.ranks }
  /// The folder that it writes.
  var folder: URL { saving.folder }

  /// Settles the rest of a run.
  /// - Throws: `TrainingError` where a resumed run did not begin from these models and data, or where memory is short.
  /// - Parameter added: the tokens that rollouts add to each example.
  init(_ recipe: some TrainingRecipe, _ beginning: RunBeginning, data: TrainingData, adding added: Int = 0) throws {
    self.beginning = beginning
    self.data = data
    saving = recipe.saving
    answerCount = recipe.heldOut.evalAnswers
    evaluateEvery = recipe.heldOut.evalEvery
    questions = try recipe.heldOut.questions(beginning.context)
    machine = recipe.machine
    let (base, builder) = (beginning.base, beginning.builder)
    written = WrittenFormat(builder.format, builder.ending, base: base)
    gradientType = recipe.optimization.gradientDtype
    seed = recipe.optimization.seed
    var memory = beginning.memory
    var settings = recipe.optimization.training(recipe.pace)
    memory.longest = (data.examples.map(\.packedCount).max() ?? 0) + added
    let (tokens, isBeyond) = settings.batchSize.multipliedReportingOverflow(by: memory.longest)
    memory.largestBatch = isBeyond ? .max : tokens
    memory.present =
      beginning.present + [
        MemoryEstimate.Part("data", max(0, SystemMemory.outsideTensors - beginning.present.bytes))
      ]
    try memory.requireRoom(in: beginning.context.freeMemory)
    settings.learningRate = recipe.pace.rate(ofAdapter: beginning.adapter != nil)
    settings.adam.sharding = recipe.ranks.shard
    let plan = try memory.settled(free: beginning.context.freeMemory)
    settings.activationBytes = plan.activationBytes
    self.settings = settings
    self.memory = MemoryEstimate(plan)
    order = data.order(batchSize: settings.batchSize, seed: settings.shuffleSeed)
    origin = RunOrigin(
      base: try base.fingerprint(), reference: try beginning.reference?.fingerprint(), data: data.examples.fingerprint,
      heldOut: questions.fingerprint(with: data.heldOut.isEmpty ? nil : data.heldOut.fingerprint))
    try origin.requireAgreement(among: beginning.context.ranks)
    if saving.resume, beginning.context.ranks.isFirst, try !origin.check(in: saving.folder) {
      try beginning.context.remark(
        "an older version began this run: it cannot be checked whether models and held-out data are still the same")
    }
  }

  /// The ranks that keep each model together; nil where every one keeps all of them.
  var owners: (any Communicator)? { settings.adam.sharding == .all ? ranks : nil }

  /// Loads the model to train. From here on the run exists, and can be resumed.
  func loadModel() throws -> LlamaModel {
    let (base, config) = (beginning.base, beginning.config)
    if config.head == .vocabulary { for line in written.notes { try context.remark(line) } }
    try context.observers.observe(
      .loading(
        ModelLoad(
          folder: base.url, parameterCount: ParameterLayout(config).count, layerCount: config.layerCount,
          memory: memory, rankCount: ranks.count)))
    var generator = SplitMix64(seed: seed)
    let model =
      try beginning.adapter.map {
        try LlamaModel(
          adapting: base, as: config, by: $0, keeping: beginning.baseFormat, dtype: machine.dtype, sharedBy: owners,
          using: &generator)
      }
      ?? (base.config.head == config.head
        ? try LlamaModel(
          base, training: true, dtype: machine.dtype, gradientType: gradientType, sharedBy: owners)
        : try LlamaModel(
          scoring: base, as: config, training: true, dtype: machine.dtype, gradientType: gradientType,
          sharedBy: owners, using: &generator))
    if ranks.isFirst {
      try beginning.record.settle(in: saving.folder, resuming: saving.resume)
      try origin.write(in: saving.folder)
    }
    return model
  }

  /// The loop that trains a model towards an objective.
  /// - Parameters:
  ///   - head: what the objective sees of the model; without it, log-probabilities.
  ///   - reference: what the model is compared with, where that moves.
  ///   - critic: what learns beside it from the same batches.
  ///   - source: where batches come from; without it they are the data's examples.
  ///   - heldOut: what is measured instead of the held-out examples.
  ///   - observers: who hears of the run besides, after its logs.
  func training(
    _ model: LlamaModel, head: (any Head)? = nil, towards objective: any Objective, reference: MovingReference? = nil,
    source: (any BatchSource)? = nil, critic: OnlineRun.Critic? = nil, heldOut: (any HeldOut)? = nil,
    observers: [any RunObserver] = []
  ) throws -> TrainingRun {
    let source =
      source ?? ShuffledExamples(data.examples, in: order, epochs: settings.epochs, maxSteps: settings.maxSteps)
    let trainer = try Trainer(
      model: model, head: head, objective: objective, settings: settings, totalSteps: source.totalSteps,
      among: ranks)
    if trainer.schedule.highestRate == 0 {
      try context.remark(
        "the learning rate is 0 in every step (of \(source.totalSteps)), and nothing will be learned: "
          + "the warm-up fills the run; lower \(setting: "warmup-ratio"), or train longer")
    }
    var heldOut: (any HeldOut)? =
      data.heldOut.isEmpty
      ? nil
      : heldOut
        ?? HeldOutData(
          data.heldOut,
          pass: BatchPass(
            model: model, head: head, objective: objective, microTokens: settings.microTokens, among: ranks),
          batchSize: settings.batchSize, reference: reference,
          atTheEnd: { try sampledAnswers?.measure(model) ?? [:] })
    if !questions.isEmpty {
      let format = beginning.builder.format
      heldOut = HeldOutTasks(
        questions, of: model, format, stopTokens: format.stopTokens(of: beginning.base), beside: heldOut,
        among: ranks)
    }
    let logs = RunLogs(folder: saving.folder) { try context.remark(Wording($0)) }
    return try TrainingRun(
      folder: saving.folder, trainer: trainer, source: source, reference: reference,
      critic: critic.map {
        try Trainer(
          model: $0.model, head: $0.head, objective: $0.objective, settings: settings, totalSteps: source.totalSteps,
          among: ranks)
      }, heldOut: heldOut,
      evaluateEvery: evaluateEvery, writer: writer(),
      saveEvery: saving.saveEvery, keep: saving.keep, resuming: saving.resume,
      observers: (ranks.isFirst ? [logs] + observers : []) + context.observers)
  }

  /// The model's own answers, where they are to be measured.
  private var sampledAnswers: SampledAnswers? {
    guard answerCount > 0 else { return nil }
    // A reference that follows the model scores batch by batch, and what it ends as says nothing of how far the model went.
    let isCompared = beginning.movesReference || data.heldOut.first?.columns[.reference] != nil
    return SampledAnswers(
      of: data.heldOut, count: answerCount, stopTokens: beginning.builder.format.stopTokens(of: beginning.base),
      seed: settings.shuffleSeed ?? 0, reference: isCompared ? beginning.reference ?? beginning.base : nil, context)
  }

  /// Writes the trained model and its card.
  func finish(_ training: TrainingRun) throws -> TrainingRun.Outcome {
    // No other process may write the folder before this one is done.
    defer { withExtendedLifetime(beginning.lock) {} }
    // Nobody ends before the first rank has written it.
    guard ranks.isFirst else {
      try training.trainer.model.sendWeights()
      try ranks.barrier()
      return .finished
    }
    // The model first: whatever has become of the log or the card, it is not lost.
    try writer().write(training.trainer.model.outputTensors(.float32), to: saving.folder)
    do {
      let card = try RunCard(
        folder: saving.folder, record: beginning.record.values, words: training.trainer.objective.words,
        base: beginning.base, head: beginning.config.head, isAdapter: beginning.adapter != nil,
        format: beginning.builder.format, data: data.uses,
        stepCount: training.trainer.stepCount, device: context.device(machine),
        locator: context.locator)
      if let gap = card.gap { try context.remark("\(gap); the model's card tells what is left") }
      try card.write()
    } catch {
      try context.remark("the model's card cannot be written: \(error)")
    }
    try context.remark(
      "at most \(MemoryEstimate.text(SystemMemory.peak)) of memory were used; the estimate was \(MemoryEstimate.text(memory.total))"
    )
    try ranks.barrier()
    return .finished
  }

  private func writer() throws -> ModelFolderWriter {
    var writer = try ModelFolderWriter(carryingOver: beginning.base)
    written.apply(to: &writer, beginning.builder.format.tokenizer)
    writer.adapter = beginning.adapter
    guard beginning.config.head != .vocabulary else { return writer }
    // What scores is asked for no text, and has no way of its own to sample one.
    (writer.config, writer.architecture) = (beginning.config, beginning.config.modelClass)
    writer.generationConfig = nil
    return writer
  }
}

extension OptimizationSettings {
  /// The settings of the training loop, with those that each recipe has a default of its own for.
  func training(_ pace: some Pace) -> TrainingSettings {
    var settings = TrainingSettings()
    settings.epochs = pace.epochs
    settings.batchSize = pace.batchSize
    settings.warmupRatio = pace.warmupRatio
    settings.finalLearningRate = pace.finalLearningRate
    settings.schedule = schedule
    settings.adam.beta1 = adamBeta1
    settings.adam.beta2 = pace.adamBeta2
    settings.adam.epsilon = adamEpsilon
    settings.adam.weightDecay = weightDecay
    settings.adam.moments = optimizer.moments
    settings.maxGradientNorm = maxGradNorm
    settings.maxSteps = maxSteps
    settings.shuffleSeed = noShuffle ? nil : seed
    settings.microTokens = microTokens
    return settings
  }
}
