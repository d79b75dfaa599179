import Alignment
import Foundation
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

  func tokens(_ messages: [Message], _ context: ChatContext, continuing: Bool) throws -> [Int32] {
    guard continuing, let last = messages.last else {
      return try checked(format.tokens(messages, context, addingGenerationPrompt: true))
    }
    // What the template writes behind the message is left out, as transformers does it; white space, too, where the
    // template strips messages.
    let text = Array(try format.text(messages, context, addingGenerationPrompt: false).utf8)
    let trimmed = last.content.trimmingCharacters(in: .whitespacesAndNewlines)
    for content in [last.content, trimmed] {
      guard let end = text.endOfLast(Array(content.utf8)) else { continue }
      return try checked(format.tokens(String(decoding: text[..<end], as: UTF8.self)))
    }
    throw AlignmentError("'continue_final_message' is not possible: the chat template changes the last message")
  }

  func tokens(_ text: String) throws -> [Int32] { try checked(format.tokens(text)) }

  func text(_ tokens: [Int32]) -> String { format.tokenizer.decode(tokens) }

  func generate(
    _ prompt: [Int32], _ options: AnswerOptions
  ) throws -> any AsyncSequence<GeneratedPiece, any Error> & Sendable {
    var request = GenerationRequest(prompt: prompt)
    request.sampling = SamplingParameters(
      temperature: options.temperature, topK: options.topK, topP: options.topP, minP: options.minP,
      repetitionPenalty: options.repetitionPenalty, seed: options.seed)
    request.sampling.frequencyPenalty = options.frequencyPenalty
    request.sampling.presencePenalty = options.presencePenalty
    request.maximumTokens = options.maximumTokens
    request.minimumTokens = options.minimumTokens
    request.stopTokens = options.stopTokens.union(options.ignoresEnd ? [] : stopTokens)
    request.stopStrings = options.stops
    request.alternatives = options.alternatives ?? 0
    request.shownTokens = Set(options.shownTokens.compactMap(format.tokenizer.id(for:)))
    request.continuesText = options.continuesText
    request.scoresPrompt = options.echo != nil
    return ServedAnswer(
      events: try engine.generate(request),
      pieces: ServedPieces(tokenizer: format.tokenizer, prompt: prompt, options: options))
  }

  /// Refuses what a tokenizer wrote that does not belong to the model.
  private func checked(_ tokens: [Int32]) throws -> [Int32] {
    if let token = tokens.first(where: { $0 >= vocabularySize }) {
      throw AlignmentError("the tokenizer writes token \(token), but the model has \(vocabularySize)")
    }
    return tokens
  }
}

/// Pieces that are made as they are read: a task between engine and reader would be woken for every token.
private struct ServedAnswer: AsyncSequence, Sendable {
  let events: AsyncThrowingStream<GenerationEvent, any Error>
  let pieces: ServedPieces

  struct AsyncIterator: AsyncIteratorProtocol {
    var events: AsyncThrowingStream<GenerationEvent, any Error>.Iterator
    var pieces: ServedPieces

    mutating func next() async throws -> GeneratedPiece? {
      if let echo = pieces.takeEcho() { return echo }
      return try await events.next().map { pieces.piece($0) }
    }
  }

  func makeAsyncIterator() -> AsyncIterator { AsyncIterator(events: events.makeAsyncIterator(), pieces: pieces) }
}

extension [UInt8] {
  /// Where the last occurrence of `pattern` ends.
  fileprivate func endOfLast(_ pattern: [UInt8]) -> Int? {
    guard !pattern.isEmpty, count >= pattern.count else { return nil }
    return (0...count - pattern.count).last { self[$0...].starts(with: pattern) }.map { $0 + pattern.count }
  }
}
