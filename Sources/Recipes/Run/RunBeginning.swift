import Alignment
import Llama
import ModelFiles
import Text
import Torch
import Training
import Wording

/// What is settled of a run before its data are read: the models, how records become sequences, and the folder, which is locked.
struct RunBeginning {
  let context: RunContext
  let base: ModelFolder
  /// What the adapter is like that is trained; nil where all weights are.
  let adapter: AdapterConfig?
  /// What it asks of the memory.
  let adapterSize: AdapterSize?
  /// How the weights are kept that the adapter leaves as they are.
  let baseFormat: FrozenFormat
  /// The shape of the trained model: the base's, but for the head where it gets another.
  let config: LlamaConfig
  /// The model that the trained one is compared with; nil where it is the base.
  let reference: ModelFolder?
  /// Whether the reference follows the model, and so stays in memory and in checkpoints.
  let movesReference: Bool
  /// What stays in memory beside the trained model, in bytes: models that score, and caches of answers.
  let beside: Int
  let builder: SequenceBuilder
  let limits: SequenceBuilder.Limits
  let record: RunRecord
  let lock: RunLock

  /// Finds what would stop a run before anything heavy is read: models that are none, weights that are not theirs, an output
  /// folder in use or without room, a resumed run with other settings, memory that is short whatever the data.
  /// - Parameters:
  ///   - reference: the name of the model to compare with, where that is another.
  ///   - movesReference: whether it follows the model.
  ///   - head: what the trained model makes of its hidden states.
  ///   - beside: the bytes of what stays in memory beside the trained model.
  ///   - valueCount: the parameters of a value model that is trained with it.
  init(
    _ recipe: some TrainingRecipe, reference: String? = nil, movesReference: Bool = false,
    as head: LlamaConfig.Head = .vocabulary, beside: Int = 0, withValueModel valueCount: Int = 0,
    _ context: RunContext
  ) throws {
    self.movesReference = movesReference
    self.context = context
    base = try context.model(recipe.model)
    let adapter = try recipe.adapter.config(for: base, recipe.model)
    self.adapter = adapter
    let weights = try base.openWeights()
    let format = recipe.adapter.baseType.format
    guard adapter != nil || recipe.adapter.baseType == .auto else {
      throw SettingError(
        "\(setting: "base-type") is for weights that an adapter leaves as they are; add \(setting: "lora-rank")")
    }
    let kept = adapter == nil ? .float32 : format ?? FrozenWeights.exactFormat(weights, of: base.config)
    baseFormat = kept
    let stored = try base.adapter?.factors(for: base.config).parameterCount
    adapterSize = try adapter.map { [base] in
      AdapterSize(
        parameterCount: stored ?? $0.parameterCount(for: base.config),
        baseBytes: try FrozenWeights.byteCount(weights, of: base.config, format: kept))
    }
    guard adapter == nil || !movesReference else {
      throw SettingError(
        "\(setting: "reference-sync-steps") is for training all weights: an adapter's reference is its base as it is")
    }
    guard adapter == nil || head == .vocabulary else {
      throw SettingError("adapters are of language models; train a reward model without \(setting: "lora-rank")")
    }
    let chat = try context.format(recipe.model)
    config = try base.config(under: head, chat)
    if config.head != .vocabulary, config.padTokenID == nil { try context.remark(Self.padless) }
    self.reference = try reference.map(context.model)
    try self.reference?.requireLanguageModel()
    _ = try self.reference?.openWeights()
    limits = recipe.data.limits([base, self.reference].compactMap { $0?.config })
    builder = try SequenceBuilder(format: chat, mask: recipe.data.lossMask)
    var settled = recipe
    settled.data.maxLength = limits.maximumLength
    settled.pace.learningRate = recipe.pace.rate(ofAdapter: adapter != nil)
    record = RunRecord(settled)
    // The data can only add to this: layers are computed again for longer ones, but never to need less than the shortest do.
    self.beside = beside
    let training = recipe.trainingSettings(
      for: config, withReference: movesReference, beside: beside, adapter: adapterSize)
    try MemoryEstimate(
      config, reference: self.reference?.config, microTokens: training.microTokens,
      activationBytes: training.activationBytes, moments: training.adam.moments, withReference: movesReference,
      beside: beside, adapter: adapterSize
    ).requireRoom()
    let saving = recipe.saving
    lock = try RunFolder.prepare(
      saving.folder, resuming: saving.resume,
      parameterCount: adapterSize?.parameterCount ?? ParameterLayout(config).count,
      withReference: movesReference, criticCount: valueCount, moments: training.adam.moments, keep: saving.keep)
    if saving.resume { try record.settle(in: saving.folder, resuming: true) }
    try recipe.machine.start()
  }

  private static let padless: Wording =
    "the tokenizer has no token but the answer's end that could fill up texts: config.json names none, and transformers will take "
    + "one text at a time"
}

extension DataSettings {
  /// The limits of sequences that all these models are to read.
  package func limits(_ configs: [LlamaConfig]) -> SequenceBuilder.Limits {
    SequenceBuilder.Limits(
      maximumLength: maxLength ?? configs.map(\.usualMaximumLength).min() ?? 2, dropsTruncated: dropTruncated,
      skipsRefused: skipInvalid, vocabularySize: configs.map(\.vocabularySize).min() ?? 0,
      contextLength: configs.map(\.maxPositions).min() ?? .max)
  }
}

extension RunContext {
  /// A model that the recipe names, to be looked at before it is used.
  func folder(_ name: String) throws -> ModelFolder {
    try ModelFolder(locator.model(name), locating: locator.model)
  }

  /// A model that the recipe uses. What its files say against each other is told.
  func model(_ name: String) throws -> ModelFolder { try telling(folder(name), name) }

  /// The model that a run begins from, with its adapter where it has one.
  func model(_ settings: ModelSettings) throws -> ModelFolder {
    try telling(model(quietly: settings), settings.model)
  }

  /// The same, to be looked at before it is used.
  func model(quietly settings: ModelSettings) throws -> ModelFolder {
    guard let adapter = settings.adapter else { return try folder(settings.model) }
    return try ModelFolder(locator.model(settings.model), adapter: locator.model(adapter))
  }

  private func telling(_ folder: ModelFolder, _ name: String) throws -> ModelFolder {
    for text in folder.remarks { try remark("\(name): \(text)") }
    return folder
  }

  /// How conversations are written for the model.
  func format(_ settings: ModelSettings) throws -> ChatFormat {
    try ChatFormat(
      folder: ModelFolder.tokenizerFolder(
        locator.model(settings.model), adapter: settings.adapter.map(locator.model), locating: locator.model),
      name: settings.model, template: settings.chatTemplate,
      beginning: settings.bos, remark: remark)
  }
}
