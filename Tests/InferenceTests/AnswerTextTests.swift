import Foundation
import Inference
import ModelFiles
import TestSupport
import Testing
import Text

/// Answers as text: stop strings, parts, and streams that many tasks read.
@Suite(.enabled(if: Checkout.hasStories, "no shared/real/stories260K beside the package"))
struct AnswerTextTests {
  private let folder: ModelFolder
  private let tokenizer: Tokenizer

  init() throws {
    folder = try ModelFolder(Checkout.stories)
    tokenizer = try Tokenizer(folder: Checkout.stories)
  }

  private func request(_ count: Int, stops: [String] = []) -> GenerationRequest {
    var request = GenerationRequest(prompt: [1])
    request.maximumTokens = count
    request.stopStrings = stops
    return request
  }

  private func answer(_ request: GenerationRequest) throws -> (parts: [String], tokens: [Int32], end: GenerationEnd?) {
    let batch = AnswerBatch(model: try InferenceModel(folder), tokenizer: tokenizer)
    _ = try batch.add(request)
    var result: (parts: [String], tokens: [Int32], end: GenerationEnd?) = ([], [], nil)
    while !batch.isIdle {
      for (_, event) in try batch.step() {
        switch event {
        case .part(let text, let tokens):
          result.parts.append(text)
          result.tokens += tokens.map(\.id)
        case .prompt: break
        case .finished(let end): result.end = end
        }
      }
    }
    return result
  }

  @Test func partsAreTheText() throws {
    let one = try answer(request(60))
    #expect(one.tokens.count == 60 && one.end?.reason == .length && one.end?.answerTokens == 60)
    #expect(one.parts.joined() == tokenizer.decode(one.tokens))
    #expect(one.parts.joined().hasPrefix("Once upon a time, there was a little girl named Lily."))
  }

  @Test(arguments: [
    (["girl"], "Once upon a time, there was a little "), (["nobody says this", "time, there"], "Once upon a "),
    (["Lily. She"], "Once upon a time, there was a little girl named "), (["O"], ""),
    (["p", "upon"], "Once u"), ([", there was a cat", "little g"], "Once upon a time, there was a "),
  ]) func aStopStringEndsTheTextBeforeIt(stops: [String], text: String) throws {
    let one = try answer(request(60, stops: stops))
    #expect(one.parts.joined() == text)
    guard case .stopString(let stop)? = one.end?.reason else { Issue.record("\(String(describing: one.end))"); return }
    #expect(stops.contains(stop))
    // The tokens are those of the text: at most the last has more in it than is shown.
    let decoded = tokenizer.decode(one.tokens)
    #expect(decoded.hasPrefix(text) && tokenizer.decode(one.tokens.dropLast()).count <= text.count)
  }

  @Test func aContinuationKeepsItsFirstSpace() throws {
    let beginning = tokenizer.encode("Once upon a time, there was a little girl named")
    var continuation = GenerationRequest(prompt: [1] + beginning)
    continuation.maximumTokens = 4
    #expect(try answer(continuation).parts.joined().hasPrefix("L"))
    continuation.continuesText = true
    #expect(try answer(continuation).parts.joined().hasPrefix(" L"))
    continuation.stopStrings = [" L"]
    #expect(try answer(continuation).parts.joined() == "")
  }

  @Test func aPromptIsScoredAsTheModelScoresIt() throws {
    let model = try InferenceModel(folder)
    let prompt: [Int32] = [1] + tokenizer.encode("Once upon a time, there was a little girl named Lily.")
    let expected = try model.logProbabilities(of: prompt)
    let batch = AnswerBatch(
      model: model, tokenizer: tokenizer, limits: .init(sequences: 3, promptTokensPerStep: 5))
    var scoring = GenerationRequest(prompt: prompt)
    scoring.scoresPrompt = true
    scoring.maximumTokens = 0
    scoring.alternatives = 1
    _ = try batch.add(request(30))
    // Twice, so that the second could be read from where they part.
    let ids = [try batch.add(scoring), try batch.add(scoring)]
    var scores: [ContinuousBatch.ID: [Float]] = [:]
    var ends: [ContinuousBatch.ID: GenerationEnd] = [:]
    while !batch.isIdle {
      for (id, event) in try batch.step() {
        switch event {
        case .prompt(let tokens):
          scores[id, default: []] += tokens.map(\.logProbability)
          #expect(tokens.allSatisfy { $0.alternatives[0].logProbability >= $0.logProbability })
        case .part: #expect(!ids.contains(id))
        case .finished(let end): ends[id] = end
        }
      }
    }
    for id in ids {
      let found = try #require(scores[id])
      #expect(found.count == expected.count && zip(found, expected).allSatisfy { abs($0 - $1) < 1e-5 })
      #expect(ends[id]?.reason == .length && ends[id]?.answerTokens == 0)
    }
  }

  @Test func noStopTokenComesBeforeTheLeastTokens() throws {
    var short = request(20)
    let first = try #require(try answer(short).tokens.first)
    short.stopTokens = [first]
    #expect(try answer(short).tokens == [])
    short.minimumTokens = 5
    let tokens = try answer(short).tokens
    #expect(tokens.count >= 5 && !tokens.contains(first))
  }

  @Test func aStopStringThatDoesNotComeHoldsNothingBackForGood() throws {
    let one = try answer(request(60, stops: [" there was a dragon", "zzz"]))
    #expect(one.parts.joined() == (try answer(request(60)).parts.joined()))
  }

  @Test func manyTasksShareAnEngine() async throws {
    let engine = GenerationEngine(
      model: try InferenceModel(folder), tokenizer: tokenizer, limits: .init(sequences: 3, promptTokensPerStep: 5))
    let alone = try answer(request(40)).parts.joined()
    let texts = try await withThrowingTaskGroup(of: String.self) { group in
      for _ in 0..<10 {
        group.addTask {
          var text = ""
          for try await case .part(let part, _) in try engine.generate(request(40)) { text += part }
          return text
        }
      }
      return try await group.reduce(into: []) { $0.append($1) }
    }
    #expect(texts == Array(repeating: alone, count: 10))
    let load = engine.load
    #expect(load.running == 0 && load.waiting == 0 && load.reservedTokens == 0 && load.answerTokens == 400)
  }

  @Test func quickTokensArePassedOnTogether() async throws {
    let engine = GenerationEngine(model: try InferenceModel(folder), tokenizer: tokenizer)
    let alone = try answer(request(400))
    var (text, tokens, parts) = ("", [Int32](), 0)
    let start = ContinuousClock.now
    for try await case .part(let part, let its) in try engine.generate(request(400)) {
      text += part
      tokens += its.map(\.id)
      parts += 1
    }
    #expect(text == alone.parts.joined() && tokens == alone.tokens)
    // The first at once, the last with the end, and the others at least 10 ms apart.
    #expect(parts >= 2 && parts <= 2 + Int((ContinuousClock.now - start) / .milliseconds(10)))
  }

  @Test func aDroppedStreamFreesItsPlace() async throws {
    let engine = GenerationEngine(
      model: try InferenceModel(folder), tokenizer: tokenizer, limits: .init(sequences: 1), maximumWaiting: 2)
    for _ in 0..<5 {
      for try await _ in try engine.generate(request(400)) { break }
    }
    var text = ""
    for try await case .part(let part, _) in try engine.generate(request(5)) { text += part }
    #expect(text == "Once upon a time,")
    #expect(engine.load.running == 0)
  }

  @Test func whatAnEngineCannotTakeIsSaidAtOnce() throws {
    let engine = GenerationEngine(
      model: try InferenceModel(folder), tokenizer: tokenizer, limits: .init(sequences: 1), maximumWaiting: 0)
    #expect(throws: EngineBusy.self) { try engine.generate(request(5)) }
    #expect(throws: InferenceError.self) { try engine.generate(GenerationRequest(prompt: [])) }
    #expect(throws: InferenceError.self) { try engine.generate(request(5, stops: [""])) }
    #expect(throws: InferenceError.self) {
      try engine.generate(GenerationRequest(prompt: Array(repeating: 1, count: 600)))
    }
  }
}
