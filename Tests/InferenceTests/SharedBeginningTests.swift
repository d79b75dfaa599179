import Inference
import Testing

/// Prompts that begin like what a batch has read before.
@Suite struct SharedBeginningTests {
  private let model: InferenceModel
  private let prompt = (0..<60).map { Int32(3 + ($0 * 11) % 60) }

  init() throws { model = try InferenceModel(Fixture("plain").folder) }

  private func request(_ prompt: [Int32], seed: UInt64 = 0, tokens: Int = 9) -> ContinuousBatch.Request {
    ContinuousBatch.Request(
      prompt: prompt, sampling: SamplingParameters(temperature: 1.5, seed: seed), maximumTokens: tokens)
  }

  /// The answer to a request by itself, in a batch of its own.
  private func alone(_ request: ContinuousBatch.Request, _ model: InferenceModel? = nil) throws -> [Int32] {
    try ContinuousBatch(model: model ?? self.model).complete([request])[0]
  }

  @Test func aConversationsNextTurnReadsOnlyWhatIsNew() throws {
    let batch = ContinuousBatch(model: model)
    var conversation = prompt
    for turn in 0..<4 {
      let request = request(conversation, seed: UInt64(turn))
      let before = batch.readTokens
      let answer = try batch.complete([request])[0]
      #expect(try answer == alone(request))
      // Of an answer all is read but its last token; the next turn adds five.
      #expect(batch.readTokens - before == (turn == 0 ? 60 : 6) + 8)
      conversation += answer + [3, 5, 7, 9, UInt32(11 + turn)].map(Int32.init)
    }
    // Another answer to the last turn reads one token of its prompt.
    let retry = request(conversation.dropLast(14), seed: 7)
    let before = batch.readTokens
    #expect(try batch.complete([retry])[0] == alone(retry))
    #expect(batch.readTokens - before == 1 + 8)
  }

  @Test func manyAnswersToOnePromptReadItOnce() throws {
    let batch = ContinuousBatch(model: model, limits: .init(promptTokensPerStep: 16))
    let requests = (0..<5).map { request(prompt, seed: $0) } + [request([4, 5, 6], seed: 5)]
    #expect(try batch.complete(requests) == requests.map { try alone($0) })
    #expect(batch.readTokens == 60 + 4 + 3 + 6 * 8)
  }

  @Test func whatIsRememberedKeepsTheLimits() throws {
    let batch = ContinuousBatch(model: model, limits: .init(sequences: 2, cachedTokens: 150))
    let others = (0..<6).map { shift in prompt.map { ($0 + Int32(shift)) % 60 + 3 } }
    for other in others { _ = try batch.complete([request(other)]) }
    // Sixty-nine tokens each: two are remembered, the oldest is not.
    let before = batch.readTokens
    _ = try batch.complete([request(others[5])])
    #expect(batch.readTokens - before == 1 + 8)
    _ = try batch.complete([request(others[0])])
    #expect(batch.readTokens - before == 1 + 8 + 60 + 8)
  }

  @Test func cancelledSequencesAreRememberedAsFarAsTheyWereRead() throws {
    let batch = ContinuousBatch(model: model, limits: .init(promptTokensPerStep: 16))
    let first = try batch.add(request(prompt))
    for _ in 0..<2 { _ = try batch.step() }
    batch.cancel(first)
    let again = request(prompt)
    #expect(try batch.complete([again])[0] == alone(again))
    #expect(batch.readTokens == 60 + 8)
    _ = try batch.add(request(prompt))
    batch.cancelAll()
    #expect(try batch.complete([again])[0] == alone(again))
    #expect(batch.readTokens == 2 * (60 + 8))
  }

  @Test(arguments: ["linear", "dynamic", "llama3"]) func scaledAnglesStayThoseOfTheSequence(name: String) throws {
    let model = try InferenceModel(Fixture(name).folder)
    let batch = ContinuousBatch(model: model)
    let first = request(prompt, tokens: 40)
    let answer = try batch.complete([first])[0]
    #expect(try answer == alone(first, model))
    let second = request(prompt + answer + [3, 4], seed: 1, tokens: 20)
    #expect(try batch.complete([second])[0] == alone(second, model))
  }
}
