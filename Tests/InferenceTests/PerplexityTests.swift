import Foundation
import Inference
import Llama
import ModelFiles
import TestSupport
import Testing
import Text

/// What narrower weights cost.
@Suite struct PerplexityTests {
  /// A story of our own, in the words that the model knows.
  static let story = """
    Once upon a time, there was a little boy named Tim. Tim had a big red ball. He loved to play with his ball in the park. \
    One day, Tim saw a dog. The dog was sad because it had no friends. Tim said, "Do you want to play with me?" The dog was \
    happy and said yes with its tail. They ran and jumped all day. When it was time to go home, Tim gave the dog a hug. \
    "You are my best friend," he said. His mom smiled and said, "Can the dog come home with us?" Tim was so happy. The dog \
    was happy too. They all went home and had a good dinner. From that day on, Tim and the dog played every day.
    """

  @Test("narrow weights change the perplexity by little", .enabled(if: Checkout.hasStories))
  func narrowWeights() throws {
    let folder = try ModelFolder(Checkout.stories)
    let tokens = [1] + (try Tokenizer(folder: Checkout.stories).encode(Self.story))
    let exact = try InferenceModel(folder).perplexity(of: tokens)
    let bfloat16 = try InferenceModel(folder, format: .bfloat16).perplexity(of: tokens)
    let int8 = try InferenceModel(folder, format: .int8).perplexity(of: tokens)
    print("perplexity: float32 \(exact), bfloat16 \(bfloat16), int8 \(int8)")
    #expect((2..<20).contains(exact))
    #expect(abs(bfloat16 / exact - 1) < 0.002)
    #expect(abs(int8 / exact - 1) < 0.002)
  }

  @Test("scores are those of the training forward")
  func scores() throws {
    let fixture = try Fixture("llama3")
    let tokens = fixture.cases[0].request.prompt + fixture.cases[0].answer
    let scores = try InferenceModel(fixture.folder).logProbabilities(of: tokens)
    var batch = PackedBatch()
    batch.append([TokenSequence(tokens: tokens, isScored: tokens.map { _ in true })])
    let model = try LlamaModel(fixture.folder, training: false)
    let expected = try model.vocabularyHead.forward(
      batch.scored[0], hidden: model.forward(batch, keeping: .everything).0
    ).values
    #expect(scores.count == tokens.count - 1)
    for (score, other) in zip(scores, expected) { #expect(abs(score - other) < 1e-4) }
  }

  @Test("divergences are those of all the tokens' probabilities")
  func divergences() throws {
    let fixture = try Fixture("llama3")
    let tokens = fixture.cases[0].request.prompt + fixture.cases[0].answer
    let (exact, narrow) = (
      try InferenceModel(fixture.folder), try InferenceModel(fixture.folder, format: .int8)
    )
    /// For each place, every token's log-probability.
    func logs(_ model: InferenceModel) throws -> [[Int32: Double]] {
      var request = ContinuousBatch.Request(prompt: tokens, maximumTokens: 0)
      request.scoresPrompt = true
      request.alternatives = model.config.vocabularySize
      let batch = ContinuousBatch(model: model)
      try batch.add(request)
      var all: [[Int32: Double]] = []
      while !batch.isIdle {
        for case .prompt(_, let scored) in try batch.step() {
          all += scored.map {
            Dictionary(uniqueKeysWithValues: $0.alternatives.map { ($0.id, Double($0.logProbability)) })
          }
        }
      }
      return all
    }
    let expected = try zip(logs(exact), logs(narrow)).map { p, q in
      p.reduce(0) { $0 + Foundation.exp($1.value) * ($1.value - (q[$1.key] ?? .nan)) }
    }
    let found = try exact.divergences(from: narrow, of: tokens)
    #expect(found.count == tokens.count - 1 && expected.count == found.count)
    #expect(found.contains { $0 > 1e-6 })
    for (one, other) in zip(found, expected) { #expect(abs(one - other) < 1e-6 + 1e-3 * abs(other), "\(one) \(other)") }
    #expect(try exact.divergences(from: narrow, of: tokens, from: 5) == Array(found.dropFirst(4)))
    #expect(try exact.divergences(from: exact, of: tokens).allSatisfy { $0 == 0 })
  }
}
