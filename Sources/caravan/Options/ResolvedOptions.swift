import JSON

/// The options of a run as they were settled, in the order in which `config.yaml` has them.
struct ResolvedOptions {
  private(set) var values: TextKeyed<JSON> = [:]

  init(
    _ model: ModelOptions, _ data: DataOptions, _ mask: MaskOptions, _ heldOut: HeldOutOptions, maximumLength: Int
  ) {
    self["model"] = .string(model.model)
    if let template = model.chatTemplate { self["chat-template"] = .string(template) }
    self["bos"] = .string(model.bos.rawValue)
    self["data"] = .array(data.data.map(JSON.string))
    self["max-length"] = .integer(maximumLength)
    self["drop-truncated"] = .bool(data.dropTruncated)
    self["skip-invalid"] = .bool(data.skipInvalid)
    self["loss-mask"] = .string(mask.lossMask.rawValue)
    if !heldOut.evalData.isEmpty { self["eval-data"] = .array(heldOut.evalData.map(JSON.string)) }
    if heldOut.evalFraction > 0 { self["eval-fraction"] = .number(heldOut.evalFraction) }
  }

  mutating func add(_ preference: LossOptions) {
    self["loss"] = .string(preference.loss.rawValue)
    self["beta"] = .number(preference.beta)
    self["label-smoothing"] = .number(preference.labelSmoothing)
    if preference.loss == .simpo { self["simpo-gamma"] = .number(preference.simpoGamma) }
    if let reference = preference.reference { self["reference"] = .string(reference) }
  }

  mutating func add(
    _ pace: some PaceOptions, _ training: TrainingOptions, _ compute: ComputeOptions, _ run: RunOptions
  ) {
    self["epochs"] = .number(pace.epochs)
    self["batch-size"] = .integer(pace.batchSize)
    self["learning-rate"] = .number(pace.learningRate)
    self["warmup-ratio"] = .number(pace.warmupRatio)
    self["schedule"] = .string(training.schedule.rawValue)
    self["adam-beta1"] = .number(training.adamBeta1)
    self["adam-beta2"] = .number(training.adamBeta2)
    self["adam-epsilon"] = .number(training.adamEpsilon)
    self["weight-decay"] = .number(training.weightDecay)
    self["max-grad-norm"] = .number(training.maxGradNorm)
    if let steps = training.maxSteps { self["max-steps"] = .integer(steps) }
    self["seed"] = .string(String(training.seed))
    self["no-shuffle"] = .bool(training.noShuffle)
    self["micro-tokens"] = .integer(training.microTokens)
    self["recompute"] = .string(training.recompute.rawValue)
    self["device"] = .string(compute.device.rawValue)
    self["dtype"] = .string(compute.dtype.rawValue)
    if let threads = compute.threads { self["threads"] = .integer(threads) }
    self["save-every"] = .integer(run.saveEvery)
    self["keep"] = .integer(run.keep)
  }

  subscript(name: String) -> JSON? {
    get { values[name] }
    set { values[name] = newValue }
  }
}
