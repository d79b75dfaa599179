/// Continues token sequences, several at a time, each with a cache of its own.
public struct Generation {
  let model: LlamaModel
  let sampler: Sampler
  /// Tokens that end a sequence; they are not part of the result.
  let stops: Set<Int32>
  /// The most tokens that are added to a sequence.
  let maximumTokens: Int

  /// Generation by a model.
  public init(model: LlamaModel, sampler: Sampler, stops: Set<Int32>, maximumTokens: Int) {
    self.model = model
    self.sampler = sampler
    self.stops = stops
    self.maximumTokens = maximumTokens
  }

  /// The continuations of prompts, none of which is empty.
  /// - Parameters:
  ///   - generator: where chance comes from.
  ///   - onToken: called with the prompt's place and each new token; returning false ends that sequence.
  public func callAsFunction(
    _ prompts: [[Int32]], using generator: inout some RandomNumberGenerator,
    onToken: (Int, Int32) -> Bool = { _, _ in true }
  ) throws -> [[Int32]] {
    var results = prompts.map { _ in [Int32]() }
    var running: [(prompt: Int, cache: KeyValueCache, last: Int32)] = []

    /// Takes a sequence's next token; returns whether it goes on.
    func take(_ token: Int32, _ prompt: Int) -> Bool {
      guard !stops.contains(token) else { return false }
      results[prompt].append(token)
      return onToken(prompt, token) && results[prompt].count < maximumTokens
    }

    guard maximumTokens > 0 else { return results }
    for (index, prompt) in prompts.enumerated() {
      let cache = try KeyValueCache(model: model, capacity: prompt.count + maximumTokens)
      let token = sampler.next(try model.prefill(prompt, into: cache), using: &generator)
      if take(token, index) { running.append((index, cache, token)) }
    }
    while !running.isEmpty {
      let logits = try model.decode(running.map(\.last), caches: running.map(\.cache))
      var goingOn: [(prompt: Int, cache: KeyValueCache, last: Int32)] = []
      for (row, sequence) in running.enumerated() {
        let token = sampler.next(logits.rows(row..<row + 1).array, using: &generator)
        if take(token, sequence.prompt) { goingOn.append((sequence.prompt, sequence.cache, token)) }
      }
      running = goingOn
    }
    return results
  }
}
