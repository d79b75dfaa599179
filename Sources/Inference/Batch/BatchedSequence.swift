import ModelFiles

/// A sequence in a batch.
final class BatchedSequence {
  let id: ContinuousBatch.ID
  let request: ContinuousBatch.Request
  /// The most tokens of the answer, which the context bounds.
  let maximumTokens: Int
  /// There from the moment when it runs.
  var cache: KeyValueCache?
  /// Its length when what the cache holds began to be read.
  var readLength = 0
  var sampler: Sampler
  /// The place in the prompt up to which scores were told, where they are asked for.
  var toldPlaces = 0
  /// What it read and produced: the prompt, then the answer.
  private(set) var tokens: [Int32]

  init(id: ContinuousBatch.ID, request: ContinuousBatch.Request, maximumTokens: Int) {
    self.id = id
    self.request = request
    self.maximumTokens = maximumTokens
    tokens = request.prompt
    sampler = Sampler(request.sampling)
    sampler.note(request.prompt)
  }

  /// The tokens that it may come to have in its cache.
  var capacity: Int { request.prompt.count + maximumTokens }
  var answerCount: Int { tokens.count - request.prompt.count }
  /// Tokens that the model has not read yet: the rest of the prompt, or the newest token.
  var unread: ArraySlice<Int32> { tokens[(cache?.tokens.count ?? 0)...] }
  /// Whether the model has read its prompt.
  var isDecoding: Bool { answerCount > 0 }

  func append(_ token: Int32) { tokens.append(token) }
}
