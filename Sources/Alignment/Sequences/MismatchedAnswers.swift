import Llama

extension [TrainingExample] {
  /// Gives each example a companion: its prompt with the answer of the example before it in its group, and for the first one the
  /// last one's. These are the mismatched pairs of which KTO's z is formed, as TRL forms them.
  /// - Parameters:
  ///   - batchSize: how many consecutive examples are a batch.
  ///   - groupSize: how many consecutive examples of a batch are a group.
  ///   - maximumLength: where a companion is cut on the right.
  /// - Returns: how many companions are no mismatch, since the answer belongs to the same prompt.
  package mutating func addMismatchedAnswers(batchSize: Int, groupSize: Int, maximumLength: Int) -> Int {
    var matched = 0
    for batch in stride(from: 0, to: count, by: batchSize) {
      let end = Swift.min(batch + batchSize, count)
      for start in stride(from: batch, to: end, by: groupSize) {
        let group = self[start..<Swift.min(start + groupSize, end)]
        let parts = group.map { $0.sequences[0].split }
        for index in parts.indices {
          let (prompt, other) = (parts[index].prompt, parts[index == 0 ? parts.count - 1 : index - 1])
          if prompt == other.prompt { matched += 1 }
          self[start + index].companions = [(prompt + other.answer).prefix(maximumLength)]
        }
      }
    }
    return matched
  }
}

extension TokenSequence {
  fileprivate static func + (first: TokenSequence, second: TokenSequence) -> TokenSequence {
    TokenSequence(tokens: first.tokens + second.tokens, isScored: first.isScored + second.isScored)
  }
}
