import Inference
import JSON
import Text

extension Evaluator {
  /// Tells how probable the candidates of questions are, some questions at a time.
  func weigh(_ questions: [Question], _ take: (Question, ModelAnswer) throws -> Void) throws {
    // What begins alike comes together, and is read once.
    var rest = questions.sorted { $0.tokens.lexicographicallyPrecedes($1.tokens) }[...]
    while !rest.isEmpty {
      let some = rest.prefix(64)
      rest = rest.dropFirst(some.count)
      let asked = some.map(candidates)
      var scores = try scorer.scores(of: asked.flatMap { $0.map(\.question) })[...]
      for (question, groups) in zip(some, asked) {
        var found: [(candidate: Int, Likelihood)] = []
        for group in groups {
          found += zip(group.candidates, scores.removeFirst()).map { ($0, Likelihood($1)) }
        }
        try take(question, .likelihoods(found.sorted { $0.candidate < $1.candidate }.map(\.1)))
      }
    }
  }

  /// Candidates after the same text, and what the scorer is asked about them.
  private typealias Group = (candidates: [Int], question: ContinuationScorer.Question)

  /// The candidates of a question; those after the same text are read together.
  private func candidates(of question: Question) -> [Group] {
    guard case .likelihoods(let candidates) = question.item.request else { return [] }
    let groups = Dictionary(grouping: candidates.indices) { TextKey(candidates[$0].beginning) }
    return groups.sorted { $0.value[0] < $1.value[0] }.map { beginning, members in
      let context = question.text + beginning.text
      var prompt = beginning.text.isEmpty ? question.tokens : format.tokens(context)
      let wholes = members.map { format.tokens(context + candidates[$0].text) }
      var continuations = wholes.map { Array($0.dropFirst(prompt.count)) }
      // Where a text begins within the prompt's last token, that token is asked for too.
      if prompt.isEmpty || continuations.contains(where: \.isEmpty) {
        let last = prompt.popLast().map { [$0] } ?? []
        continuations = wholes.map { Array($0.dropFirst(prompt.count)) }.map { $0.isEmpty ? last : $0 }
      }
      let room = model.contextLength - (continuations.map(\.count).max() ?? 0)
      if prompt.count > room {
        counts.cut += 1
        prompt = Array(prompt.suffix(max(1, room)))
      }
      return (members, ContinuationScorer.Question(continuations, after: prompt))
    }
  }
}

extension Likelihood {
  fileprivate init(_ score: ContinuationScorer.Score) {
    self.init(
      logProbability: score.logProbabilities.reduce(0) { $0 + Double($1) }, isGreedy: score.isGreedy)
  }
}
