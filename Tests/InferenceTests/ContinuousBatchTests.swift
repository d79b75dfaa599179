import Inference
import Testing

/// Sequences that join and leave a batch.
@Suite struct ContinuousBatchTests {
  private let model: InferenceModel

  init() throws { model = try InferenceModel(Fixture("plain").folder) }

  private func request(_ length: Int, seed: UInt64, tokens: Int = 12) -> ContinuousBatch.Request {
    ContinuousBatch.Request(
      prompt: (0..<length).map { Int32(3 + ($0 * 7 + Int(seed) * 5) % 60) },
      sampling: SamplingParameters(temperature: 1.2, topP: 0.95, repetitionPenalty: 1.1, seed: seed),
      maximumTokens: tokens, alternatives: 3)
  }

  /// All tokens with their log-probabilities, by the order in which the requests were added.
  private func run(_ batch: ContinuousBatch, adding requests: [ContinuousBatch.Request], every: Int) throws
    -> [[GeneratedToken]]
  {
    var ids: [ContinuousBatch.ID] = []
    var answers: [ContinuousBatch.ID: [GeneratedToken]] = [:]
    var step = 0
    while ids.count < requests.count || !batch.isIdle {
      if step % every == 0, ids.count < requests.count { ids.append(try batch.add(requests[ids.count])) }
      for case .token(let id, let token) in try batch.step() { answers[id, default: []].append(token) }
      step += 1
    }
    return ids.map { answers[$0] ?? [] }
  }

  @Test(arguments: WeightFormat.allCases) func aSequenceKeepsItsBitsWhateverRunsBesideIt(format: WeightFormat) throws {
    let model = try InferenceModel(Fixture("plain").folder, format: format)
    let requests = [3, 40, 1, 17, 64, 5, 33].enumerated().map { request($1, seed: UInt64($0), tokens: 5 + 3 * $0) }
    let alone = try requests.map { try run(ContinuousBatch(model: model), adding: [$0], every: 1)[0] }
    #expect(alone.map(\.count) == requests.map(\.maximumTokens))
    for (every, limits) in [
      (1, ContinuousBatch.Limits()), (2, .init(sequences: 3, cachedTokens: 200, promptTokensPerStep: 4)),
      (3, .init(sequences: 2, promptTokensPerStep: 1)), (1, .init(promptTokensPerStep: 100)),
    ] {
      let together = try run(ContinuousBatch(model: model, limits: limits), adding: requests, every: every)
      #expect(together == alone)
    }
  }

  @Test func aLongPromptDoesNotHoldUpTheOthers() throws {
    let batch = ContinuousBatch(model: model, limits: .init(promptTokensPerStep: 8))
    let short = try batch.add(request(2, seed: 1, tokens: 30))
    _ = try batch.step()
    let long = try batch.add(request(80, seed: 2, tokens: 2))
    for _ in 0..<9 {
      let events = try batch.step()
      #expect(events.contains { if case .token(short, _) = $0 { true } else { false } })
      #expect(!events.contains { if case .token(long, _) = $0 { true } else { false } })
    }
    #expect(try batch.step().contains { if case .token(long, _) = $0 { true } else { false } })
  }

  @Test func memoryIsBounded() throws {
    let batch = ContinuousBatch(model: model, limits: .init(sequences: 8, cachedTokens: 64))
    let ids = try (0..<5).map { try batch.add(request(10, seed: $0, tokens: 20)) }
    _ = try batch.step()
    #expect(batch.runningCount == 2 && batch.waitingCount == 3 && batch.reservedTokens == 60)
    batch.cancel(ids[0])
    batch.cancel(ids[4])
    _ = try batch.step()
    #expect(batch.runningCount == 2 && batch.waitingCount == 1)
    while !batch.isIdle {
      #expect(batch.reservedTokens <= 64)
      _ = try batch.step()
    }
    #expect(batch.reservedTokens == 0)
  }

  @Test func stopTokensAndTheContextEndAnAnswer() throws {
    let one = try #require(Fixture("plain").cases.last { $0.request.sampling.repetitionPenalty == 1 })
    var request = one.request
    let stop = one.answer[10]
    request.stopTokens = [stop]
    let place = try #require(one.answer.firstIndex(of: stop))
    #expect(try ContinuousBatch(model: model).complete([request]) == [Array(one.answer[..<place])])

    request.stopTokens = []
    request.maximumTokens = nil
    let answer = try ContinuousBatch(model: model).complete([request])[0]
    #expect(request.prompt.count + answer.count == model.contextLength)
  }

  @Test func whatCouldNeverRunIsRefused() throws {
    let batch = ContinuousBatch(model: model, limits: .init(cachedTokens: 100))
    func problem(_ change: (inout ContinuousBatch.Request) -> Void) -> String {
      var request = request(4, seed: 1)
      change(&request)
      do { try batch.add(request); return "none" } catch { return "\(error)" }
    }
    #expect(problem { $0.prompt = [] } == "the prompt is empty: there is nothing to continue")
    #expect(
      problem { $0.prompt = [64] }
        == "token 64 is outside the model's vocabulary of 64; the tokenizer is another model's")
    #expect(problem { $0.prompt = [-1] }.hasPrefix("token -1 is outside"))
    #expect(
      problem { $0.prompt = Array(repeating: 3, count: 100) }
        == "the prompt of 100 tokens leaves no room for an answer in a context of 100")
    #expect(problem { $0.maximumTokens = 0 } == "the most tokens must be at least 1, not 0")
    #expect(problem { $0.sampling.topP = 7 } == "top-p must be greater than 0 and at most 1, not 7.0")
    #expect(batch.isIdle)
  }

  @Test func alternativesAreTheMostProbable() throws {
    var request = request(6, seed: 1)
    request.sampling = SamplingParameters()
    for token in try run(ContinuousBatch(model: model), adding: [request], every: 1)[0] {
      #expect(token.alternatives.count == 3)
      #expect(token.alternatives[0].id == token.id)
      #expect(token.alternatives[0].logProbability == token.logProbability)
      #expect(token.alternatives.map(\.logProbability) == token.alternatives.map(\.logProbability).sorted(by: >))
      #expect(token.logProbability < 0)
    }
  }

  @Test(arguments: [WeightFormat.bfloat16, .int8]) func narrowWeightsSayAlmostTheSame(format: WeightFormat) throws {
    let narrow = try InferenceModel(Fixture("plain").folder, format: format)
    var request = request(20, seed: 1, tokens: 1)
    request.sampling = SamplingParameters()
    let wide = try run(ContinuousBatch(model: model), adding: [request], every: 1)[0][0]
    let token = try run(ContinuousBatch(model: narrow), adding: [request], every: 1)[0][0]
    #expect(token.id == wide.id)
    #expect(abs(token.logProbability - wide.logProbability) < 0.05)
  }
}
