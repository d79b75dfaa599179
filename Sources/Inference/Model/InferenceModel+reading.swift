import CKernels
import Torch

/// A sequence that is read on from what its cache holds, which has room for all of it.
struct Reading {
  let cache: KeyValueCache
  let tokens: [Int32]
  /// That of the sequence that the tokens are part of, as far as their angles depend on it.
  let length: Int
  /// The first token whose logits are wanted, up to the last.
  let wanted: Int

  var unread: ArraySlice<Int32> { tokens[cache.tokens.count...] }
}

/// The logits behind a token.
struct LogitRow {
  private let logits: UnsafeBufferPointer<Float>
  private let largest: Float
  private let logSumExp: Float

  init(_ first: UnsafePointer<Float>, count: Int) {
    logits = UnsafeBufferPointer(start: first, count: count)
    largest = first[Int(ck_largest(first, Int64(count)))]
    logSumExp = ck_log_sum_exp(first, Int64(count))
  }

  /// Whether the logits are numbers.
  var areNumbers: Bool { logSumExp.isFinite }
  /// The log-probability of a token.
  func logProbability(of token: Int32) -> Float { logits[Int(token)] - logSumExp }
  /// Whether no token is more probable.
  func isGreedy(_ token: Int32) -> Bool { logits[Int(token)] == largest }
}

extension InferenceModel {
  /// As many tokens of a pass as make it rare that weights are read from memory, and so few that their logits take 128 MiB at
  /// most.
  var tokensPerPass: Int { max(16, min(512, (1 << 25) / config.vocabularySize)) }

  /// Reads sequences, as many in a pass as fill it.
  /// - Parameter take: is told the logits behind each token that is wanted, by the places of its sequence and of the token.
  func read(_ readings: [Reading], _ take: (_ sequence: Int, _ token: Int, LogitRow) -> Void) throws {
    var first = 0
    while first < readings.count {
      var pieces: [SequencePiece] = []
      var wanted: [(sequence: Int, token: Int, row: Int)] = []
      var rows = 0
      while first < readings.count, rows < tokensPerPass {
        let reading = readings[first]
        let tokens = reading.unread.prefix(tokensPerPass - rows)
        for token in max(tokens.startIndex, reading.wanted)..<max(tokens.endIndex, reading.wanted) {
          wanted.append((first, token, rows + token - tokens.startIndex))
        }
        pieces.append(SequencePiece(cache: reading.cache, tokens: tokens, length: reading.length))
        rows += tokens.count
        guard tokens.endIndex == reading.tokens.count else { break }
        first += 1
      }
      let logits = try forward(pieces, logitsOf: wanted.map(\.row))
      for (one, row) in zip(wanted, try logitRows(logits)) { take(one.sequence, one.token, row) }
    }
  }

  private func logitRows(_ logits: Tensor) throws -> [LogitRow] {
    let V = logits.shape[1]
    var rows = [LogitRow?](repeating: nil, count: logits.shape[0])
    try rows.withUnsafeMutableBufferPointer { rows in
      // Each row is another's place.
      nonisolated(unsafe) let rows = rows
      try parallel(rows.count) { range in
        for index in range { rows[index] = LogitRow(logits.floats + index * V, count: V) }
      }
    }
    let known = rows.compactMap(\.self)
    guard known.allSatisfy(\.areNumbers) else { throw InferenceError.lostNumbers }
    return known
  }
}
