/// Chooses, of several scored answers to a prompt, a better and a worse one.
///
/// The better one is the first with the highest score. Where several could be the worse one, one of them is drawn; a
/// draw takes one number of the generator, so that the draws follow from the seed and the order of the records.
package struct AnswerChoice: Sendable {
  /// Which of the worse answers is rejected.
  package enum Rejected: String, CaseIterable, Sendable {
    /// One of them at random.
    case random
    /// The first with the lowest score.
    case lowest
  }

  /// What becomes of answers whose scores are equal.
  package enum Ties: String, CaseIterable, Sendable {
    /// One that scores as the better one does may be the worse one, if it differs in text or model.
    case keep
    /// The worse one must have a lower score.
    case drop
  }

  /// An answer and how good it is.
  struct Answer: Sendable {
    var text: String
    var score: Double
    var model = ""

    /// Whether score and texts are the same to the byte.
    func isIdentical(to other: Answer) -> Bool {
      score == other.score && text.isIdenticalText(to: other.text) && model.isIdenticalText(to: other.model)
    }
  }

  /// Why there is no choice.
  enum Failure: String, Error {
    case noTwoAnswers = "there are not two different answers"
    case noLowerScore = "no answer has a lower score than the best"
  }

  let rejected: Rejected
  let ties: Ties
  var generator: SplitMix64

  init(rejected: Rejected, ties: Ties, seed: UInt64) {
    self.rejected = rejected
    self.ties = ties
    generator = SplitMix64(seed: seed)
  }

  /// A better and a worse one of `answers`.
  mutating func choose(_ answers: [Answer]) -> Result<(chosen: Answer, rejected: Answer), Failure> {
    guard let best = answers.map(\.score).max(), let chosen = answers.first(where: { $0.score == best }) else {
      return .failure(.noTwoAnswers)
    }
    var others = answers.filter { !$0.isIdentical(to: chosen) }
    guard !others.isEmpty else { return .failure(.noTwoAnswers) }
    if ties == .drop { others.removeAll { $0.score == best } }
    guard let lowest = others.map(\.score).min() else { return .failure(.noLowerScore) }
    switch rejected {
    case .random: return .success((chosen, others[generator.index(below: others.count)]))
    case .lowest: return .success((chosen, others.first { $0.score == lowest } ?? chosen))
    }
  }
}

extension AnswerChoice {
  /// A source's choice.
  init(_ choices: SourceChoices) {
    self.init(rejected: choices.rejected ?? .random, ties: choices.ties ?? .keep, seed: choices.seed)
  }
}
