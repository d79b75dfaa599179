import Foundation
import JSON
import Serving
import Synchronization
import Text

/// A model that says what it is told to, a word at a time, and counts who is waiting for it.
final class ScriptedModel: ServedModel {
  let contextLength = 100
  let vocabularySize = 50
  let words: [String]
  let pause: Duration
  private let running = Mutex(0)
  private let reading = Mutex(0)
  private let seen = Mutex<[AnswerOptions]>([])
  private let conversations = Mutex<[[JSON]]>([])
  private let showsTools: Bool

  init(_ words: [String] = ["Hello", ", ", "world"], pause: Duration = .zero, showsTools: Bool = true) {
    self.words = words
    self.pause = pause
    self.showsTools = showsTools
  }

  /// Answers that are being generated.
  var runningCount: Int { running.withLock(\.self) }
  /// Prompts that are being read.
  var readingCount: Int { reading.withLock(\.self) }
  /// The messages of all conversations.
  var messages: [[JSON]] { conversations.withLock(\.self) }
  /// The options of all requests.
  var options: [AnswerOptions] { seen.withLock(\.self) }

  func tokens(_ messages: [Message], _ context: ChatContext, continuing: Bool) throws -> [Int32] {
    if messages.contains(where: { $0.role == "pirate" }) {
      throw Refusal()
    }
    // As a template that has no end.
    if messages.contains(where: { $0.role == "sloth" }) {
      reading.withLock { $0 += 1 }
      defer { reading.withLock { $0 -= 1 } }
      while !Task.isCancelled { usleep(1000) }
      throw Refusal()
    }
    conversations.withLock { $0.append(messages.map(\.json)) }
    let tools = showsTools ? context.tools.compactMap { $0["function"]?["name"]?.string }.joined() : ""
    return try tokens(tools + messages.map(\.content).joined())
  }

  func text(_ tokens: [Int32]) -> String { tokens.map { "<\($0)>" }.joined() }

  func tokens(_ text: String) throws -> [Int32] { text.utf8.map { Int32($0 % 50) } }

  func generate(
    _ prompt: [Int32], _ options: AnswerOptions
  ) -> any AsyncSequence<GeneratedPiece, any Error> & Sendable {
    seen.withLock { $0.append(options) }
    running.withLock { $0 += 1 }
    return AsyncThrowingStream { continuation in
      let task = Task {
        if let echo = options.echo {
          let tokens = prompt.enumerated().map { place, token in
            ScoredToken(id: token, score: .init(text: "<\(token)>", logProbability: place == 0 ? nil : -2))
          }
          continuation.yield(GeneratedPiece(text: echo, promptTokens: tokens))
        }
        do {
          for (index, word) in words.prefix(options.maximumTokens).enumerated() {
            if pause > .zero { try await Task.sleep(for: pause) }
            let score = options.alternatives.map { _ in ScoredToken.Alternative(text: word, logProbability: -0.5) }
            let others = (0..<(options.alternatives ?? 0)).map {
              ScoredToken.Alternative(text: "\($0)", logProbability: $0 == 1 ? -.infinity : -1)
            }
            continuation.yield(
              GeneratedPiece(text: word, tokens: [ScoredToken(id: Int32(index), score: score, alternatives: others)]))
          }
          continuation.yield(GeneratedPiece(finish: words.count > options.maximumTokens ? .length : .stop))
          continuation.finish()
        } catch { continuation.finish(throwing: error) }
      }
      continuation.onTermination = { [self] _ in
        task.cancel()
        running.withLock { $0 -= 1 }
      }
    }
  }
}

/// What a chat template says to a role that it does not know.
private struct Refusal: Error, CustomStringConvertible { let description = "no pirates" }
