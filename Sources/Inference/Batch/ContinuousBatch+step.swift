import CKernels
import Torch

extension ContinuousBatch {
  /// Reads one token of every running sequence and a piece of waiting prompts, and tells what came of it.
  ///
  /// After an error the batch is as it was before, but for memory; `cancelAll` makes it usable again.
  public func step() throws -> [Event] {
    forgetOlderGenerations()
    try admit()
    var pieces: [SequencePiece] = []
    var ready: [(sequence: BatchedSequence, row: Int)] = []
    var scored: [ScoredPiece] = []
    var (row, promptTokens) = (0, limits.promptTokensPerStep)
    for sequence in running {
      guard let cache = sequence.cache else { continue }
      forgetShortAngles(of: sequence, in: cache)
      var tokens = sequence.unread
      // More than one where weights have changed, and the answer so far is read again.
      if !sequence.isDecoding || tokens.count > 1 {
        tokens = tokens.prefix(promptTokens)
        promptTokens -= tokens.count
      }
      guard !tokens.isEmpty else { continue }
      pieces.append(SequencePiece(cache: cache, tokens: tokens, length: sequence.tokens.count))
      if sequence.request.scoresPrompt, !sequence.isDecoding {
        scored.append(ScoredPiece(sequence: sequence, tokens: tokens, row: row))
      }
      row += tokens.count
      if tokens.endIndex == sequence.tokens.endIndex { ready.append((sequence, row - 1)) }
    }
    guard !pieces.isEmpty else { return [] }
    readTokens += row
    // Rows that choose come first, then those that score.
    let logits = try model.forward(pieces, logitsOf: ready.map(\.row) + scored.flatMap(\.rows))
    let scores = try score(scored, logits, from: ready.count)
    let tokens = try choose(ready.map(\.sequence), logits)
    return scores + zip(ready, tokens).flatMap { take($1, for: $0.sequence) }
  }

  /// A sequence that outgrows the positions of a LongRoPE model's first training turns by other frequencies from then on, and its
  /// keys so far with it: they are read again, as transformers does.
  private func forgetShortAngles(of sequence: BatchedSequence, in cache: KeyValueCache) {
    if case .longrope(let rope) = model.config.ropeScaling, sequence.tokens.count > rope.originalMaxPositions,
      sequence.readLength <= rope.originalMaxPositions
    {
      cache.forget(for: model.generation)
    }
    if cache.tokens.isEmpty { sequence.readLength = sequence.tokens.count }
  }

  private func take(_ token: GeneratedToken, for sequence: BatchedSequence) -> [Event] {
    var events: [Event] = []
    var reason: FinishReason?
    if sequence.maximumTokens == 0 {
      reason = .length
    } else if sequence.request.stopTokens.contains(token.id) {
      reason = .stopToken(token)
    } else {
      sequence.append(token.id)
      events.append(.token(sequence.id, token))
      if sequence.answerCount >= sequence.maximumTokens { reason = .length }
    }
    if let reason {
      events.append(.finished(sequence.id, reason))
      end(sequence.id)
    }
    return events
  }

  /// The next token of each sequence by its row of logits, which are overwritten.
  private func choose(_ sequences: [BatchedSequence], _ logits: Tensor) throws -> [GeneratedToken] {
    let V = model.config.vocabularySize
    var tokens = [GeneratedToken?](repeating: nil, count: sequences.count)
    try tokens.withUnsafeMutableBufferPointer { tokens in
      // Each sequence touches its own row, place and sampler only.
      nonisolated(unsafe) let tokens = tokens
      nonisolated(unsafe) let sequences = sequences
      try parallel(sequences.count) { range in
        for index in range {
          let row = UnsafeMutableBufferPointer(start: logits.floats + index * V, count: V)
          tokens[index] = Self.choose(sequences[index], row)
        }
      }
    }
    let chosen = tokens.compactMap(\.self)
    guard chosen.count == sequences.count else { throw InferenceError.lostNumbers }
    return chosen
  }

  /// The next token of a sequence; nil where the logits are not numbers.
  private static func choose(
    _ sequence: BatchedSequence, _ logits: UnsafeMutableBufferPointer<Float>
  ) -> GeneratedToken? {
    guard let numbers = logits.baseAddress else { return nil }
    // What others are told is of the logits as they are; what training compares is at the temperature it samples with.
    let temperature = sequence.request.logProbabilityTemperature
    let logSumExp = ck_log_sum_exp(numbers, Int64(logits.count))
    guard logSumExp.isFinite else { return nil }
    let scaledLogSumExp = temperature == 1 ? logSumExp : Self.logSumExp(logits, temperature)
    let alternatives = Self.alternatives(sequence.request.alternatives, logits, logSumExp)
    // Greedy choice without a penalty leaves the logits as they are; all others overwrite them.
    let unchanged = sequence.request.sampling.leavesLogits
    let original = unchanged ? [] : Array(logits)
    if sequence.answerCount < sequence.request.minimumTokens {
      for token in sequence.request.stopTokens where logits.indices.contains(Int(token)) {
        logits[Int(token)] = -.infinity
      }
    }
    let id = sequence.sampler.next(logits)
    let logit = unchanged ? logits[Int(id)] : original[Int(id)]
    return GeneratedToken(
      id: id, logProbability: logit / temperature - scaledLogSumExp, alternatives: alternatives)
  }

  private static func logSumExp(_ logits: UnsafeMutableBufferPointer<Float>, _ temperature: Float) -> Float {
    let scaled = logits.map { $0 / temperature }
    return scaled.withUnsafeBufferPointer { $0.baseAddress.map { ck_log_sum_exp($0, Int64(logits.count)) } ?? 0 }
  }

  static func alternatives(
    _ count: Int, _ logits: UnsafeMutableBufferPointer<Float>, _ logSumExp: Float
  ) -> [GeneratedToken.Alternative] {
    mostProbable(count, logits).map { .init(id: $0, logProbability: logits[Int($0)] - logSumExp) }
  }

  /// The k most probable tokens, most probable first.
  private static func mostProbable(_ k: Int, _ logits: UnsafeMutableBufferPointer<Float>) -> [Int32] {
    guard k > 0 else { return [] }
    var best: [Int32] = []
    for token in logits.indices {
      if best.count == k, let last = best.last, logits[Int(last)] >= logits[token] { continue }
      let place = best.firstIndex { logits[Int($0)] < logits[token] } ?? best.count
      best.insert(Int32(token), at: place)
      if best.count > k { best.removeLast() }
    }
    return best
  }
}
