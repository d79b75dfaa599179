import Llama
import ModelFiles
import Testing
import Torch

@testable import Inference

/// A model in training answers with the weights that it has, and with nothing that older ones left.
@Suite struct PolicyTests {
  private static let prompt: [Int32] = [1, 9, 17, 4, 33, 8, 21, 40, 5]

  /// A model of its own, whose weights may change.
  private static func model() throws -> LlamaModel { try LlamaModel(Fixture("normed").folder, training: true) }

  /// An update of all weights, as a step of training makes one.
  private static func update(_ model: LlamaModel) {
    model.parameters.beginUpdate()
    let values = model.parameters.values
    for index in 0..<values.count { values.floats[index] += 0.05 * Float((index * 7919) % 13 - 6) }
  }

  /// Tokens with their log-probabilities.
  private static func answer(_ batch: ContinuousBatch, _ prompt: [Int32] = prompt) throws -> [GeneratedToken] {
    try batch.add(.init(prompt: prompt, maximumTokens: 12, alternatives: 3))
    var tokens: [GeneratedToken] = []
    while !batch.isIdle { for case .token(_, let token) in try batch.step() { tokens.append(token) } }
    return tokens
  }

  @Test(arguments: WeightFormat.allCases) func answersFollowTheWeights(format: WeightFormat) throws {
    let model = try Self.model()
    let policy = try Policy(model, format: format)
    let batch = ContinuousBatch(model: policy.answering)
    let before = try Self.answer(batch)
    #expect(try Self.answer(ContinuousBatch(model: Policy(model, format: format).answering)) == before)

    // The prompt's keys and values are remembered, and would be taken for the same prompt.
    Self.update(model)
    try policy.refresh()
    #expect(policy.generation == 1)
    let after = try Self.answer(batch)
    #expect(after != before)
    #expect(try Self.answer(ContinuousBatch(model: Policy(model, format: format).answering)) == after)
  }

  /// Weights that are no numbers give no answer and no score, however few of them there are.
  @Test(arguments: WeightFormat.allCases, [0, 5000, -1]) func whatIsNoNumberIsNoAnswer(format: WeightFormat, place: Int)
    throws
  {
    let model = try Self.model()
    let policy = try Policy(model, format: format)
    let sound = try InferenceModel(Fixture("normed").folder)
    model.parameters.beginUpdate()
    let values = model.parameters.values
    values.floats[place < 0 ? values.count + place : place] = .nan
    try policy.refresh()
    // Each token of the vocabulary comes up, whichever the damage is to.
    let tokens = Array(0..<Int32(min(60, model.config.vocabularySize)))
    for (temperature, scoresPrompt) in [(0.0, false), (1, false), (0, true)] {
      let batch = ContinuousBatch(model: policy.answering)
      var request = ContinuousBatch.Request(
        prompt: tokens, sampling: SamplingParameters(temperature: temperature), maximumTokens: 4)
      request.scoresPrompt = scoresPrompt
      try batch.add(request)
      #expect(throws: InferenceError.lostNumbers) { while !batch.isIdle { _ = try batch.step() } }
    }
    #expect(throws: InferenceError.lostNumbers) { try policy.answering.logProbabilities(of: tokens) }
    #expect(throws: InferenceError.lostNumbers) {
      try ContinuationScorer(policy.answering).scores(of: [[3, 4]], after: tokens)
    }
    #expect(throws: InferenceError.lostNumbers) { try policy.answering.divergences(from: sound, of: tokens) }
  }

  @Test(arguments: WeightFormat.allCases) func anAnswerThatRunsGoesOnWithTheNewWeights(format: WeightFormat) throws {
    let model = try Self.model()
    let policy = try Policy(model, format: format)
    let batch = ContinuousBatch(model: policy.answering)
    try batch.add(.init(prompt: Self.prompt, maximumTokens: 12))
    var tokens: [Int32] = []
    func step() throws { for case .token(_, let token) in try batch.step() { tokens.append(token.id) } }
    while tokens.count < 5 { try step() }
    Self.update(model)
    try policy.refresh()
    let begun = tokens
    while !batch.isIdle { try step() }
    let fresh = ContinuousBatch(model: try Policy(model, format: format).answering)
    #expect(try Self.answer(fresh, Self.prompt + begun).prefix(7).map(\.id) == Array(tokens.dropFirst(5)))
  }
}
