import Alignment
import Inference
import ModelFiles
import Serving
import Text

/// A model as the server sees it: its chat format, and the engine that generates.
struct ServedEngine: ServedModel {
  let engine: GenerationEngine
  let format: ChatFormat
  let stopTokens: Set<Int32>

  var contextLength: Int { engine.contextLength }
  var vocabularySize: Int { engine.config.vocabularySize }

  func tokens(_ messages: [Message]) throws -> [Int32] {
    try checked(format.tokens(messages, addingGenerationPrompt: true))
  }

  func tokens(_ text: String) throws -> [Int32] { try checked(format.tokens(text)) }

  func generate(_ prompt: [Int32], _ options: Serving.SamplingOptions) -> AsyncThrowingStream<GeneratedPiece, any Error>
  {
    var request = GenerationRequest(prompt: prompt)
    request.sampling = SamplingParameters(
      temperature: options.temperature, topK: options.topK, topP: options.topP, minP: options.minP,
      repetitionPenalty: options.repetitionPenalty, seed: options.seed)
    request.maximumTokens = options.maximumTokens
    request.stopTokens = stopTokens
    request.stopStrings = options.stops
    request.alternatives = options.alternatives ?? 0
    let isScored = options.alternatives != nil
    do {
      let events = try engine.generate(request)
      return AsyncThrowingStream { continuation in
        let task = Task {
          do {
            for try await event in events { continuation.yield(piece(event, isScored: isScored)) }
            continuation.finish()
          } catch {
            continuation.finish(throwing: error)
          }
        }
        // The engine frees the place of a stream that nobody reads.
        continuation.onTermination = { _ in task.cancel() }
      }
    } catch {
      return AsyncThrowingStream { throw error }
    }
  }

  private func piece(_ event: GenerationEvent, isScored: Bool) -> GeneratedPiece {
    switch event {
    case .part(let text, let tokens):
      GeneratedPiece(text: text, tokens: tokens.map { isScored ? scored($0) : ScoredToken(id: $0.id) })
    case .finished(let end): GeneratedPiece(finish: end.reason == .length ? .length : .stop)
    }
  }

  private func scored(_ token: GeneratedToken) -> ScoredToken {
    ScoredToken(
      id: token.id, score: .init(text: text(token.id), logProbability: token.logProbability),
      alternatives: token.alternatives.map { .init(text: text($0.id), logProbability: $0.logProbability) })
  }

  /// A token's text within a text; at the beginning of one, some tokenizers leave out its space.
  private func text(_ token: Int32) -> String {
    let once = format.tokenizer.decode([token], skippingSpecialTokens: false)
    let twice = format.tokenizer.decode([token, token], skippingSpecialTokens: false)
    return twice.hasPrefix(once) ? String(twice.dropFirst(once.count)) : once
  }

  /// Refuses what a tokenizer wrote that does not belong to the model.
  private func checked(_ tokens: [Int32]) throws -> [Int32] {
    if let token = tokens.first(where: { $0 >= vocabularySize }) {
      throw AlignmentError("the tokenizer writes token \(token), but the model has \(vocabularySize)")
    }
    return tokens
  }
}
