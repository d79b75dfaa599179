import Alignment
import Foundation
import Inference
import Llama
import ModelFiles
import Objectives
import TestSupport
import Testing

@testable import Training

/// A model in training that answers, against one that is loaded anew.
@Suite final class TrainedPolicyTests {
  private let folder: TemporaryFolder
  private let trainer: Trainer
  private var source: ShuffledExamples
  private let prompt = (0..<80).map { Int32(20 + ($0 * 37) % 260) }

  init() throws {
    folder = try TemporaryFolder()
    var settings = TrainingSettings()
    settings.batchSize = 8
    settings.learningRate = 3e-2
    settings.warmupRatio = 0
    settings.maxSteps = 3
    settings.microTokens = 300
    source = ShuffledExamples(try TRLRun.conversations(), settings)
    trainer = try Trainer(
      model: TRLRun.model(), objective: SupervisedObjective(), settings: settings, totalSteps: source.totalSteps)
  }

  private func train() throws { _ = try trainer.step(on: source.batch(after: trainer.stepCount).examples) }

  /// A model with the weights of now, read from a folder.
  private func fresh(_ format: WeightFormat) throws -> InferenceModel {
    let writer = try ModelFolderWriter(carryingOver: ModelFolder(TRLRun.fixtures.appending(path: "model")))
    try writer.write(trainer.model.outputTensors(.float32), to: folder.url("model"))
    return try InferenceModel(ModelFolder(folder.url("model")), format: format)
  }

  /// The events of a request, to its end: tokens with their log-probabilities.
  private func answer(_ batch: ContinuousBatch, _ prompt: [Int32], tokens: Int = 12) throws -> [GeneratedToken] {
    try batch.add(ContinuousBatch.Request(prompt: prompt, maximumTokens: tokens))
    return try rest(batch)
  }

  private func rest(_ batch: ContinuousBatch) throws -> [GeneratedToken] {
    var tokens: [GeneratedToken] = []
    while !batch.isIdle { for case .token(_, let token) in try batch.step() { tokens.append(token) } }
    return tokens
  }

  @Test(arguments: WeightFormat.allCases) func afterAStepItAnswersAsAModelLoadedAnew(format: WeightFormat) throws {
    let policy = try Policy(trainer.model, format: format)
    let batch = ContinuousBatch(model: policy.answering)
    #expect(try answer(batch, prompt) == answer(ContinuousBatch(model: fresh(format)), prompt))
    for _ in 0..<2 {
      let (before, generation) = (try answer(batch, prompt), policy.generation)
      try train()
      try policy.refresh()
      #expect(policy.generation == generation + 1)

      var read = batch.readTokens
      let after = try answer(batch, prompt)
      #expect(after.map(\.logProbability) != before.map(\.logProbability))
      #expect(try after == answer(ContinuousBatch(model: fresh(format)), prompt))
      #expect(batch.readTokens - read == 80 + 11)
      // The same generation's beginnings are used again.
      read = batch.readTokens
      #expect(try answer(batch, prompt) == after)
      #expect(batch.readTokens - read == 1 + 11)
      #expect(try policy.answering.logProbabilities(of: prompt) == fresh(format).logProbabilities(of: prompt))
    }
  }

  @Test(arguments: WeightFormat.allCases) func withoutRefreshItDoesNotAnswer(format: WeightFormat) throws {
    let policy = try Policy(trainer.model, format: format)
    let batch = ContinuousBatch(model: policy.answering)
    try train()
    let error = #expect(throws: InferenceError.self) { try answer(batch, prompt) }
    #expect(
      error?.description == "the model was trained since its policy was refreshed; refresh() it before it answers")
    try policy.refresh()
    #expect(try rest(batch) == answer(ContinuousBatch(model: fresh(format)), prompt))
  }

  @Test func anAnswerUnderWayGoesOnWithTheNewWeights() throws {
    let policy = try Policy(trainer.model)
    let batch = ContinuousBatch(model: policy.answering, limits: .init(promptTokensPerStep: 32))
    try batch.add(ContinuousBatch.Request(prompt: prompt, maximumTokens: 12))
    var begun: [Int32] = []
    while begun.count < 5 { for case .token(_, let token) in try batch.step() { begun.append(token.id) } }
    try train()
    try policy.refresh()
    let expected = try answer(ContinuousBatch(model: fresh(.float32)), prompt + begun, tokens: 7)
    #expect(try rest(batch) == expected)
  }

  @Test func scoresOfAPromptAreToldOnceEach() throws {
    let policy = try Policy(trainer.model)
    let batch = ContinuousBatch(model: policy.answering, limits: .init(promptTokensPerStep: 32))
    var request = ContinuousBatch.Request(prompt: prompt, maximumTokens: 0)
    request.scoresPrompt = true
    try batch.add(request)
    func scores(_ batch: ContinuousBatch) throws -> [GeneratedToken] {
      var scores: [GeneratedToken] = []
      for case .prompt(_, let tokens) in try batch.step() { scores += tokens }
      return scores
    }
    var all = try scores(batch)
    #expect(all.map(\.id) == Array(prompt[1...32]))
    try train()
    try policy.refresh()
    while !batch.isIdle { all += try scores(batch) }
    #expect(all.map(\.id) == Array(prompt.dropFirst()))
    let other = ContinuousBatch(model: try fresh(.float32), limits: .init(promptTokensPerStep: 32))
    try other.add(request)
    var expected: [GeneratedToken] = []
    while !other.isIdle { expected += try scores(other) }
    #expect(all[32...] == expected[32...])
    #expect(all[..<32] != expected[..<32])
  }
}
