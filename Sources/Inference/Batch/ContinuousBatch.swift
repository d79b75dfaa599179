import CKernels
import ModelFiles
import Torch

/// Sequences that a model continues together: they join and leave between steps, each with a cache of its own (continuous
/// batching, Orca, OSDI 2022).
///
/// A step reads one token of every running sequence and a piece of the prompts that are not yet read, so that a long
/// prompt does not hold up the others. A prompt that begins like another sequence's, running or ended, is read from where
/// they part: a conversation's next turn, or another answer to it. A sequence's tokens are the same as if it ran alone. The
/// batch belongs to one thread; `GenerationEngine` serves many.
public final class ContinuousBatch {
  /// What bounds a batch's memory and the time of its steps.
  public struct Limits: Sendable {
    /// The most sequences that run at once; others wait.
    public var sequences: Int
    /// The most tokens whose keys and values are held at once. A sequence counts with its prompt and all the tokens that
    /// it may get; it waits until there is room.
    public var cachedTokens: Int
    /// The most tokens of prompts that a step reads.
    public var promptTokensPerStep: Int

    /// Limits; a sequence longer than `cachedTokens` is never admitted.
    public init(sequences: Int = 16, cachedTokens: Int = 65_536, promptTokensPerStep: Int = 256) {
      self.sequences = max(1, sequences)
      self.cachedTokens = max(1, cachedTokens)
      self.promptTokensPerStep = max(1, promptTokensPerStep)
    }
  }

  /// A sequence to continue.
  public struct Request: Sendable {
    /// The tokens to continue; at least one.
    public var prompt: [Int32]
    /// How tokens are chosen.
    public var sampling: SamplingParameters
    /// Tokens that end the answer and are no part of it.
    public var stopTokens: Set<Int32>
    /// The most tokens of the answer; nil for as many as the context holds.
    public var maximumTokens: Int?
    /// How many of the most probable tokens to tell with each token.
    public var alternatives: Int
    /// The least tokens of the answer: until then no stop token is chosen.
    public var minimumTokens = 0
    /// Whether the prompt's tokens are told with their log-probabilities, as if they had been generated. The answer may have
    /// no tokens at all then.
    public var scoresPrompt = false
    /// What the logits are divided by before the log-probabilities of the answer's tokens are told; those of a prompt, and of
    /// alternatives, are told of the logits as they are.
    public var logProbabilityTemperature: Float = 1

    /// A request.
    public init(
      prompt: [Int32], sampling: SamplingParameters = SamplingParameters(), stopTokens: Set<Int32> = [],
      maximumTokens: Int? = nil, alternatives: Int = 0
    ) {
      self.prompt = prompt
      self.sampling = sampling
      self.stopTokens = stopTokens
      self.maximumTokens = maximumTokens
      self.alternatives = alternatives
    }
  }

  /// A sequence's name within its batch.
  public struct ID: Hashable, Sendable { let number: Int }

  /// What a step did for a sequence.
  public enum Event: Sendable {
    /// It has a new token.
    case token(ID, GeneratedToken)
    /// Its prompt's next tokens are scored; all but the first come, in order.
    case prompt(ID, [GeneratedToken])
    /// It has ended, and is no longer part of the batch.
    case finished(ID, FinishReason)
  }

  /// The limits.
  public let limits: Limits
  let model: InferenceModel
  var waiting: [BatchedSequence] = []
  var running: [BatchedSequence] = []
  /// What sequences that have ended had read, the oldest first, as far as there is room.
  var remembered: [KeyValueCache] = []
  /// The tokens that the model has read, those of every sequence.
  package internal(set) var readTokens = 0
  private var count = 0

  /// An empty batch.
  public init(model: InferenceModel, limits: Limits = Limits()) {
    self.model = model
    self.limits = limits
  }

  /// Whether no sequence runs or waits.
  public var isIdle: Bool { waiting.isEmpty && running.isEmpty }
  /// The sequences that run.
  public var runningCount: Int { running.count }
  /// The sequences that wait for room.
  public var waitingCount: Int { waiting.count }
  /// The tokens for which running sequences have reserved memory.
  public var reservedTokens: Int { running.reduce(0) { $0 + $1.capacity } }

  /// Lets a sequence join at the next step that has room for it.
  /// - Throws: `InferenceError` for what could never run; see `problem(with:)`.
  @discardableResult
  public func add(_ request: Request) throws -> ID {
    if let problem = Self.problem(with: request, config: model.config, context: model.contextLength, limits) {
      throw problem
    }
    count += 1
    let id = ID(number: count)
    let longest = min(model.contextLength, limits.cachedTokens)
    let most = min(request.maximumTokens ?? .max, longest - request.prompt.count)
    waiting.append(BatchedSequence(id: id, request: request, maximumTokens: most))
    return id
  }

  /// Takes a sequence out, wherever it is; what it held is free. There is no event for it.
  public func cancel(_ id: ID) {
    waiting.removeAll { $0.id == id }
    end(id)
  }

  /// Continues sequences to their ends; returns their new tokens, in the order of the requests.
  public func complete(_ requests: [Request]) throws -> [[Int32]] {
    let ids = try requests.map { try add($0) }
    var answers: [ID: [Int32]] = [:]
    while !isIdle {
      for case .token(let id, let token) in try step() { answers[id, default: []].append(token.id) }
    }
    return ids.map { answers[$0] ?? [] }
  }

  /// Forgets what was read with other weights than the model's: what runs is read again from its beginning.
  func forgetOlderGenerations() {
    remembered.removeAll { $0.generation != model.generation }
    for case let cache? in running.map(\.cache) where cache.generation != model.generation {
      cache.forget(for: model.generation)
    }
  }

  /// Takes all sequences out.
  public func cancelAll() {
    waiting = []
    running = []
    remembered = []
  }
}
