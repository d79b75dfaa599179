import CKernels
import ModelFiles
import Torch

/// Says how probable texts are after others. A prompt is read once for all its continuations, and what the next prompt has in
/// common with it is not read again.
///
/// It belongs to one thread at a time.
public final class ContinuationScorer {
  /// What a model says of a continuation.
  public struct Score: Sendable, Equatable {
    /// The log-probability of each token, given those before it.
    public let logProbabilities: [Float]
    /// Whether each token is the most probable one.
    public let isGreedy: Bool
  }

  private let model: InferenceModel
  private var last: KeyValueCache?

  /// A scorer that nothing was asked yet.
  public init(_ model: InferenceModel) { self.model = model }

  /// The scores of continuations.
  /// - Parameters:
  ///   - prompt: at least one token.
  ///   - continuations: each of at least one token.
  /// - Throws: `InferenceError` for what is empty, longer than the context, or holds a token that the model lacks.
  public func scores(of continuations: [[Int32]], after prompt: [Int32]) throws -> [Score] {
    guard continuations.allSatisfy({ !$0.isEmpty }) else { throw InferenceError("a continuation is empty") }
    let longest = continuations.map(\.count).max() ?? 0
    for continuation in continuations {
      var request = ContinuousBatch.Request(prompt: prompt + continuation, maximumTokens: 0)
      request.scoresPrompt = true
      try ContinuousBatch.check(request, for: model.config)
    }
    guard case .longrope(let rope) = model.config.ropeScaling else { return try scores(continuations, prompt, longest) }
    // Whoever reaches into the long positions has its prompt turned by their frequencies.
    let limit = rope.originalMaxPositions - prompt.count
    let short = continuations.filter { $0.count <= limit }, long = continuations.filter { $0.count > limit }
    var (ofShort, ofLong) = (
      try short.isEmpty ? [] : scores(short, prompt, longest)[...],
      try long.isEmpty ? [] : scores(long, prompt, longest)[...]
    )
    return continuations.map { $0.count <= limit ? ofShort.removeFirst() : ofLong.removeFirst() }
  }

  private func scores(_ continuations: [[Int32]], _ prompt: [Int32], _ longest: Int) throws -> [Score] {
    let cache = try cache(for: prompt, room: longest)
    var length = prompt.count
    if case .longrope = model.config.ropeScaling { length += continuations.map(\.count).max() ?? 0 }
    let first = try read(prompt, of: length, into: cache)
    last = cache

    // The tokens behind each first one, read together.
    let V = model.config.vocabularySize
    let rests = continuations.map { $0.dropLast() }
    let pieces = try zip(continuations, rests).filter { !$1.isEmpty }.map { continuation, rest in
      let length = prompt.count + continuation.count
      let own = try cache.copy(prompt.count, capacity: length)
      return SequencePiece(cache: own, tokens: rest, length: length)
    }
    let rows = pieces.reduce(0) { $0 + $1.tokens.count }
    let logits = rows > 0 ? try model.forward(pieces, logitsOf: Array(0..<rows)) : nil
    var row = 0
    return continuations.map { continuation in
      var (numbers, isGreedy) = ([Float](), true)
      for (place, token) in continuation.enumerated() {
        let source = place == 0 ? first.floats : (logits?.floats ?? first.floats) + row * V
        if place > 0 { row += 1 }
        numbers.append(source[Int(token)] - ck_log_sum_exp(source, Int64(V)))
        isGreedy = isGreedy && UnsafeBufferPointer(start: source, count: V).max() == source[Int(token)]
      }
      return Score(logProbabilities: numbers, isGreedy: isGreedy)
    }
  }

  /// A cache that holds as much of a prompt's beginning as is known.
  private func cache(for prompt: [Int32], room: Int) throws -> KeyValueCache {
    guard let last, last.generation == model.generation, model.config.ropeScaling.changesBeyond == nil else {
      return try KeyValueCache(model, capacity: prompt.count + room)
    }
    // The last token is read in any case: it gives the logits.
    let shared = zip(prompt.dropLast(), last.tokens).prefix { $0 == $1 }.count
    return try last.copy(shared, capacity: prompt.count + room)
  }

  /// Reads what a cache lacks of a prompt; returns the logits behind its last token, 1×V.
  /// - Parameter length: that of the sequence that it is part of, as far as its angles depend on it.
  private func read(_ prompt: [Int32], of length: Int, into cache: KeyValueCache) throws -> Tensor {
    while true {
      let start = cache.tokens.count
      let piece = prompt[start..<min(start + 256, prompt.count)]
      let isLast = piece.endIndex == prompt.count
      let logits = try model.forward(
        [SequencePiece(cache: cache, tokens: piece, length: length)], logitsOf: isLast ? [piece.count - 1] : [])
      if isLast { return logits }
    }
  }
}
