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
  /// The numbers that train.
  let trainedCount: Int
  /// How the weights are kept that the adapter leaves as they are.
  let baseFormat: FrozenFormat
  /// How models are kept that the run only asks.
  let frozenType: AdapterSettings.BaseType
  /// The shape of the trained model: the base's, but for the head where it gets another.
  let config: LlamaConfig
  /// The model that the trained one is compared with; nil where it is the base.
  let reference: ModelFolder?
  /// Whether the reference follows the model, and so stays in memory and in checkpoints.
  let movesReference: Bool
  /// What the run takes of the memory, data apart.
  let memory: RunMemory
  let builder: SequenceBuilder
  let limits: SequenceBuilder.Limits
  /// What the process had taken when libtorch was loaded.
  let present: [MemoryEstimate.Part]
  let record: RunRecord
  /// The first rank's right to write the folder.
  let lock: RunLock?

  /// Finds what would stop a run before anything heavy is read: models that are none, weights that are not theirs, an output
  /// folder in use or without room, a resumed run with other settings, memory that is short whatever the data.
  /// - Parameters:
  ///   - reference: the name of the model to compare with, where that is another.
  ///   - movesReference: whether it follows the model.
  ///   - head: what the trained model makes of its hidden states.
  ///   - addToPlan: says what a recipe takes of the memory besides: other models, and answers that it learns from.
  ///   - valueCount: the parameters of a value model that is trained with it.
  init<Recipe: TrainingRecipe>(
    _ recipe: Recipe, reference: String? = nil, movesReference: Bool = false,
    as head: LlamaConfig.Head = .vocabulary,
    planning addToPlan: @escaping (Recipe, inout MemoryPlan) throws -> Void = { _, _ in },
    withValueModel valueCount: Int = 0, _ context: RunContext
  ) throws {
    self.movesReference = movesReference
    frozenType = recipe.adapter.frozenType
    self.context = context
    base = try context.model(recipe.model)
    let adapter = try recipe.adapter.config(for: base, recipe.model, scoring: head != .vocabulary)
    self.adapter = adapter
    let weights = try base.openWeights()
    guard adapter != nil || recipe.adapter.baseType == .auto else {
      throw SettingError(
        "\(setting: "base-type") is for weights that an adapter leaves as they are; add \(setting: "lora-rank")")
    }
    try recipe.checkGradients(isAdapting: adapter != nil, ranks: context.ranks.count)
    baseFormat = Self.baseFormat(recipe, isAdapting: adapter != nil, weights, base.config)
    if head != .vocabulary, base.config.head == .vocabulary, let own = base.adapter {
      throw SettingError(
        "\(own.url.path) is a language model's adapter, which has no score; merge it into its base before a reward model is made of it"
      )
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
    let (folder, shape, other) = (base, config, self.reference)
    let stored = try folder.adapter?.parameterCount(for: folder.config)
    func size(_ adapter: AdapterConfig, _ recipe: Recipe) throws -> AdapterSize {
      AdapterSize(
        parameterCount: stored ?? adapter.parameterCount(for: shape),
        baseBytes: try FrozenWeights.byteCount(
          weights, of: shape, format: Self.baseFormat(recipe, isAdapting: true, weights, folder.config)))
    }
    trainedCount = try adapter.map { try size($0, recipe).parameterCount } ?? shape.architecture.parameterCount
    memory = RunMemory(recipe, isAdapting: adapter != nil, ranks: context.ranks.count) { recipe in
      var plan = MemoryPlan(shape)
      plan.adapter = try recipe.adapter.config(
        for: folder, recipe.model, scoring: head != .vocabulary
      ).map { try size($0, recipe) }
      plan.movesReference = movesReference
      (plan.ranks, plan.sharding) = (context.ranks.count, recipe.ranks.shard)
      plan.scoring = try other.map(recipe.adapter.frozenType.byteCount) ?? 0
      try addToPlan(recipe, &plan)
      if recipe.heldOut.evalAnswers > 0 {
        plan.measuring = plan.measured(comparing: (other ?? folder).config)
      } else if !recipe.heldOut.evalTask.isEmpty {
        plan.measuring = [plan.mergedCopy].compactMap(\.self)
      }
      return plan
    }
    // The data can only add to this: layers are computed again for longer ones, but never to need less than the shortest do.
    try memory.requireRoom(in: context.freeMemory)
    let saving = recipe.saving
    lock =
      try !context.ranks.isFirst
      ? nil
      : RunFolder.prepare(
        saving.folder, resuming: saving.resume, parameterCount: trainedCount, withReference: movesReference,
        criticCount: valueCount, moments: recipe.optimization.optimizer.moments, keep: saving.keep)
    if saving.resume, context.ranks.isFirst { try record.settle(in: saving.folder, resuming: true) }
    try context.start(recipe.machine)
    present = [MemoryEstimate.Part("program", SystemMemory.outsideTensors)]
  }

  /// How a recipe keeps the weights that an adapter leaves as they are.
  private static func baseFormat(
    _ recipe: some TrainingRecipe, isAdapting: Bool, _ weights: WeightFiles, _ config: LlamaConfig
  ) -> FrozenFormat {
    isAdapting ? recipe.adapter.baseType.format ?? FrozenWeights.exactFormat(weights, of: config) : .float32
  }

  private static let padless: Wording =
    "the tokenizer has no token but the answer's end that could fill up texts: config.json names none, and transformers will take "
    + "one text at a time"
}

extension MemoryPlan {
  /// A model that answers with an adapter merged into its weights, in float32.
  var mergedCopy: MemoryEstimate.Part? {
    adapter.map { adapter in
      let isNarrow = adapter.baseBytes < 4 * config.architecture.parameterCount
      let matrices =
        isNarrow ? config.architecture.tensors.filter { $0.shape.count > 1 } : config.architecture.adaptable
      return MemoryEstimate.Part("merged copy that answers", 4 * matrices.reduce(0) { $0 + $1.count })
    }
  }

  /// What is there while the trained model's answers are compared with another's.
  fileprivate func measured(comparing reference: LlamaConfig) -> [MemoryEstimate.Part] {
    [mergedCopy, MemoryEstimate.Part("reference of answers", 4 * reference.architecture.parameterCount)].compactMap(
      \.self)
  }
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
      beginning: settings.bos, remark: { try remark(Wording($0)) })
  }
}
