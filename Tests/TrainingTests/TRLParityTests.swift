import Alignment
import Foundation
import Llama
import Objectives
import Testing
import Torch

@testable import Training

/// Whole runs against TRL: 20 steps in float32 on the same tokens in the same order.
@Suite struct TRLParityTests {
  static let runs = [
    "dpo-sigmoid", "dpo-sigmoid-beta", "dpo-weight-decay", "dpo-smoothed", "dpo-ipo", "dpo-hinge", "dpo-robust",
    "dpo-norm", "dpo-exo-pair", "dpo-nca-pair", "dpo-bco-pair", "dpo-sppo-hard", "dpo-aot", "dpo-aot-unpaired",
    "dpo-apo-zero", "dpo-apo-down", "dpo-discopop", "dpo-sft", "dpo-mpo", "dpo-forward-kl", "dpo-js", "dpo-alpha",
    "dpo-ld", "dpo-wpo", "dpo-tr", "simpo", "alphapo", "cpo", "orpo",
  ]

  @Test(arguments: runs, Kernels.available) func preferences(name: String, kernels: Kernels) throws {
    try Kernels.$current.withValue(kernels) { try expectPreferences(name) }
  }

  private func expectPreferences(_ name: String) throws {
    let run = try TRLRun(name)
    let (model, settings) = (try TRLRun.model(), try run.settings())
    let (pairs, objective) = (try TRLRun.referencedPairs(model, settings), try run.objective())
    let examples = objective.parameters.orpoPromptLoss ? pairs.map { $0.scoringPrompt() } : pairs
    try expectSameCourse(run, model, examples, objective, settings)
  }

  @Test(arguments: ["kto", "kto-whole", "kto-weights", "kto-apo"], Kernels.available)
  func ratedAnswers(name: String, kernels: Kernels) throws {
    try Kernels.$current.withValue(kernels) { try expectRatedAnswers(name, microTokens: 2048) }
  }

  /// z is the batch's, however it is cut.
  @Test func ratedAnswersInSmallPieces() throws { try expectRatedAnswers("kto-whole", microTokens: 100) }

  private func expectRatedAnswers(_ name: String, microTokens: Int) throws {
    let run = try TRLRun(name)
    var settings = try run.settings()
    settings.microTokens = microTokens
    let model = try TRLRun.model()
    let kind = try #require(run.json["loss"]?.string.flatMap(KTOLoss.Kind.init))
    let loss = try KTOLoss(
      kind, beta: run.number("beta"), desirableWeight: run.number("desirable_weight"),
      undesirableWeight: run.number("undesirable_weight"))
    let groupSize = try #require(run.json["micro_batch_size"]?.int)
    try expectSameCourse(
      run, model, TRLRun.referencedRatings(model, settings, groupSize: kind.needsDivergence ? groupSize : nil),
      KTOObjective(loss, groupSize: name == "kto-whole" ? nil : groupSize), settings)
  }

  @Test(arguments: Kernels.available) func binaryClassifier(kernels: Kernels) throws {
    try Kernels.$current.withValue(kernels) {
      let run = try TRLRun("bco")
      let (model, settings) = (try TRLRun.model(), try run.settings())
      try expectSameCourse(
        run, model, TRLRun.referencedRatings(model, settings, groupSize: nil),
        BCOObjective(BCOLoss(beta: run.number("beta"))),
        settings)
    }
  }

  @Test(arguments: Kernels.available) func supervisedFineTuning(kernels: Kernels) throws {
    let run = try TRLRun("sft")
    try Kernels.$current.withValue(kernels) {
      try expectSameCourse(
        run, TRLRun.model(), TRLRun.conversations(), SupervisedObjective(), run.settings())
    }
  }

  @Test(arguments: Kernels.available) func dynamicFineTuning(kernels: Kernels) throws {
    let run = try TRLRun("sft-dft")
    try Kernels.$current.withValue(kernels) {
      try expectSameCourse(
        run, TRLRun.model(), TRLRun.conversations(), DynamicSupervisedObjective(), run.settings())
    }
  }

  /// Expects each step's loss, gradient norm, learning rate and metrics, and the weights at the end.
  private func expectSameCourse(
    _ run: TRLRun, _ model: LlamaModel, _ examples: [TrainingExample], _ objective: any Objective,
    _ settings: TrainingSettings
  ) throws {
    var source = ShuffledExamples(examples, settings)
    let isWeighted = (objective as? PreferenceObjective)?.isWeighted ?? false
    let head = isWeighted ? model.vocabularyHead(sumOfSquares: Column.logSumOfSquares.name) : nil
    let trainer = try Trainer(
      model: model, head: head, objective: objective, settings: settings, totalSteps: source.totalSteps)
    let expected = try #require(run.json["steps"]?.array)
    #expect(source.totalSteps == expected.count)
    let microBatch = try #require(run.json["micro_batch_size"]?.int)
    let reference = try run.movement.map {
      try MovingReference(TRLRun.model(), following: model, $0, microTokens: settings.microTokens)
    }
    var tokens = 0
    for step in expected {
      let batch = source.batch(after: trainer.stepCount)
      let actual = try trainer.step(on: reference?.scored(batch.examples) ?? batch.examples)
      try reference?.follow(after: actual.number)
      tokens += actual.result.tokenCount
      func expect(_ key: String, _ value: Double?, relative: Double = 0, absolute: Double = 0) throws {
        guard let expected = step[key]?.double else { return }
        let value = try #require(value, "\(key) is missing")
        #expect(
          abs(value - expected) <= relative * abs(expected) + absolute,
          "\(run.name) step \(actual.number) \(key): \(value), TRL \(expected)")
      }
      try expect("loss", actual.result.loss, relative: 1e-4)
      try expect("grad_norm", actual.gradientNorm, relative: 1e-4)
      try expect("learning_rate", actual.learningRate, relative: 1e-12)
      // TRL counts epochs in micro-batches, which is the same only where all hold equally many examples.
      if examples.count.isMultiple(of: microBatch) { try expect("epoch", batch.epoch, relative: 1e-12) }
      try expect("num_tokens", Double(tokens))
      for key in ["rewards/chosen", "rewards/rejected", "rewards/margins", "kl", "delta"] {
        // Differences of sums near −100, of which float32 keeps five decimals.
        try expect(key, actual.result.metrics[key], relative: 1e-4, absolute: 1e-4)
      }
      for key in ["logps/chosen", "logps/rejected", "nll_loss"] {
        try expect(key, actual.result.metrics[key], relative: 1e-5)
      }
      for key in ["log_odds_ratio", "log_odds_chosen"] {
        try expect(key, actual.result.metrics[key], relative: 1e-5, absolute: 1e-6)
      }
      // Two equal rewards count as wrong; rounding may part them.
      if actual.number > 2 {
        try expect("rewards/accuracies", actual.result.metrics["rewards/accuracies"], absolute: 1e-7)
      }
    }
    for tensor in try run.weights() {
      let entry = try #require(trainer.model.parameters.layout[tensor.name])
      let (actual, expected) = (trainer.model.parameters.value(entry).array, try tensor.floats())
      let difference = zip(actual, expected).map { pow(Double($0 - $1), 2) }.reduce(0, +).squareRoot()
      let size = expected.map { pow(Double($0), 2) }.reduce(0, +).squareRoot()
      #expect(difference < 1e-5 * size, "\(run.name) \(tensor.name): relative error \(difference / size)")
    }
  }

  @Test func schedulesAreTransformers() throws {
    let cases = try #require(try TRLRun.read("schedules.json").array)
    #expect(cases.count >= 3)
    for json in cases {
      let name = try #require(json["schedule"]?.string)
      let shape = try #require(LearningRateSchedule.Shape(rawValue: name == "constant_with_warmup" ? "constant" : name))
      let steps = try #require(json["steps"]?.int)
      let schedule = LearningRateSchedule(
        shape, peak: 1, warmupRatio: try #require(json["warmup_ratio"]?.double), totalSteps: steps)
      #expect(schedule.warmupSteps == json["warmup_steps"]?.int)
      for (step, rate) in (json["rates"]?.array ?? []).enumerated() {
        #expect(abs(schedule.rate(at: step) - (rate.double ?? -1)) < 1e-12, "\(name) step \(step)")
      }
    }
  }

  @Test func firstLossIsTheLogarithmOfTwo() throws {
    let model = try TRLRun.model()
    var settings = TrainingSettings()
    settings.batchSize = 7
    settings.microTokens = 150
    var source = ShuffledExamples(try TRLRun.referencedPairs(model, settings), settings)
    let trainer = try Trainer(
      model: model, objective: try PreferenceObjective(.sigmoid, beta: 0.1), settings: settings,
      totalSteps: source.totalSteps)
    #expect(Float(try trainer.step(on: source.batch(after: 0).examples).result.loss) == 0.693147182464599609375)
  }

  @Test func firstLossOfRatedAnswersIsOneHalf() throws {
    let model = try TRLRun.model()
    var settings = TrainingSettings()
    settings.batchSize = 7
    settings.microTokens = 150
    settings.shuffleSeed = nil
    var source = ShuffledExamples(try TRLRun.referencedRatings(model, settings, groupSize: 7), settings)
    let trainer = try Trainer(
      model: model, objective: KTOObjective(try KTOLoss(.kto, beta: 0.1)), settings: settings,
      totalSteps: source.totalSteps)
    let result = try trainer.step(on: source.batch(after: 0).examples).result
    #expect(result.loss == 0.5 && result.metrics["kl"] == 0)
  }
}
