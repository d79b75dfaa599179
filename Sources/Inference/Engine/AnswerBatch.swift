import Text

/// A continuous batch whose answers are text: requests join, parts of their answers come out step by step, and stop strings
/// end them. For one thread; `GenerationEngine` is for many tasks.
public final class AnswerBatch {
  /// The batch of tokens underneath.
  public let batch: ContinuousBatch
  private let tokenizer: Tokenizer
  private var answers: [ContinuousBatch.ID: (text: AnswerText, promptTokens: Int)] = [:]

  /// An empty batch.
  /// - Parameter limits: nil for sixteen sequences at once, within a quarter of the machine's memory.
  public init(model: InferenceModel, tokenizer: Tokenizer, limits: ContinuousBatch.Limits? = nil) {
    batch = ContinuousBatch(model: model, limits: limits ?? .fitting(model))
    self.tokenizer = tokenizer
  }

  /// Whether there is nothing to do.
  public var isIdle: Bool { batch.isIdle }

  /// Lets a request join at the next step that has room for it.
  /// - Throws: `InferenceError` for a request that could never run.
  public func add(_ request: GenerationRequest) throws -> ContinuousBatch.ID {
    if let problem = request.problem { throw problem }
    let id = try batch.add(request.sequence)
    let text = AnswerText(
      tokenizer, stops: request.stopStrings, continuing: request.continuesText ? request.prompt : [],
      showing: request.shownTokens)
    answers[id] = (text, request.prompt.count)
    return id
  }

  /// Takes a request out. There is no event for it.
  public func cancel(_ id: ContinuousBatch.ID) {
    answers[id] = nil
    batch.cancel(id)
  }

  /// Takes all requests out.
  public func cancelAll() {
    answers = [:]
    batch.cancelAll()
  }

  /// Takes a step; returns what came of it for each request.
  public func step() throws -> [(id: ContinuousBatch.ID, event: GenerationEvent)] {
    var events: [(id: ContinuousBatch.ID, event: GenerationEvent)] = []
    for event in try batch.step() {
      switch event {
      case .token(let id, let token):
        guard let (part, stop) = answers[id]?.text.append(token) else { continue }
        if let part { events.append((id, part)) }
        guard let stop else { continue }
        batch.cancel(id)
        events += end(of: id, .stopString(stop))
      case .prompt(let id, let tokens):
        if answers[id] != nil, !tokens.isEmpty { events.append((id, .prompt(tokens: tokens))) }
      case .finished(let id, let reason):
        guard let (part, stop) = answers[id]?.text.finish() else { continue }
        if let part { events.append((id, part)) }
        events += end(of: id, stop.map(FinishReason.stopString) ?? reason)
      }
    }
    return events
  }

  private func end(of id: ContinuousBatch.ID, _ reason: FinishReason) -> [(ContinuousBatch.ID, GenerationEvent)] {
    guard let answer = answers.removeValue(forKey: id) else { return [] }
    var count = answer.text.tokenCount
    if case .stopToken = reason { count += 1 }
    let end = GenerationEnd(reason: reason, promptTokens: answer.promptTokens, answerTokens: count)
    return [(id, .finished(end))]
  }
}

extension GenerationRequest {
  var sequence: ContinuousBatch.Request {
    var sequence = ContinuousBatch.Request(
      prompt: prompt, sampling: sampling, stopTokens: stopTokens, maximumTokens: maximumTokens,
      alternatives: alternatives)
    sequence.minimumTokens = minimumTokens
    sequence.scoresPrompt = scoresPrompt
    return sequence
  }

  /// What is wrong with it whatever the model is.
  var problem: InferenceError? { stopStrings.contains("") ? InferenceError("a stop string is empty") : nil }
}
