import Foundation
import ModelFiles
import Text

/// Serves requests for answers from any task, all of them by one model that runs on the process's `ComputeThread`.
///
///     let model = try ComputeThread.shared.perform { try InferenceModel(folder) }
///     let engine = GenerationEngine(model: model, tokenizer: tokenizer)
///     for try await event in try engine.generate(request) { … }
///
/// A stream that is dropped or cancelled leaves the batch at the next step. When the engine goes, its answers end.
public final class GenerationEngine: Sendable {
  /// How much an engine has to do.
  public struct Load: Sendable, Equatable {
    /// Requests that are being answered.
    public internal(set) var running = 0
    /// Requests that wait for room.
    public internal(set) var waiting = 0
    /// Tokens for which running requests have reserved memory, and their limit.
    public internal(set) var reservedTokens = 0
    /// Tokens of prompts read since the start.
    public internal(set) var promptTokens = 0
    /// Tokens of answers since the start.
    public internal(set) var answerTokens = 0
  }

  /// The model's shape.
  public let config: LlamaConfig
  /// The most tokens of a prompt with its answer.
  public let contextLength: Int
  /// The limits of the batch.
  public let limits: ContinuousBatch.Limits
  private let inbox: EngineInbox

  /// An engine that takes a model over.
  /// - Parameters:
  ///   - limits: nil for sixteen sequences at once, within a quarter of the machine's memory.
  ///   - maximumWaiting: the most requests that wait; more are refused.
  public init(
    model: sending InferenceModel, tokenizer: Tokenizer, limits: ContinuousBatch.Limits? = nil,
    maximumWaiting: Int = .max
  ) {
    let limits = limits ?? .fitting(model)
    config = model.config
    contextLength = min(model.contextLength, limits.cachedTokens)
    self.limits = limits
    inbox = EngineInbox(maximumWaiting: maximumWaiting)
    ComputeThread.shared.join(
      EngineLoop(batch: AnswerBatch(model: model, tokenizer: tokenizer, limits: limits), inbox: inbox))
  }

  deinit { inbox.close() }

  /// How much there is to do.
  public var load: Load { inbox.load }

  /// Answers a request.
  /// - Returns: parts of the answer as they come, then its end. Throws where computing fails, as for want of memory.
  /// - Throws: at once, before anything runs: `InferenceError` for a request that could never run, `EngineBusy` where too
  ///   many wait.
  public func generate(_ request: GenerationRequest) throws -> AsyncThrowingStream<GenerationEvent, any Error> {
    if let problem = request.problem { throw problem }
    if let problem = ContinuousBatch.problem(with: request.sequence, config: config, context: contextLength, limits) {
      throw problem
    }
    let (stream, continuation) = AsyncThrowingStream<GenerationEvent, any Error>.makeStream()
    let number = try inbox.add(request, continuation)
    continuation.onTermination = { [inbox] reason in
      if case .cancelled = reason { inbox.cancel(number) }
    }
    return stream
  }
}

/// Too many requests wait for an engine.
public struct EngineBusy: Error, CustomStringConvertible, Sendable, Equatable {
  /// The requests that wait.
  public let waiting: Int
  /// One line: what is wrong, and what to do.
  public var description: String { "\(waiting) requests are waiting already; try again later" }
}
