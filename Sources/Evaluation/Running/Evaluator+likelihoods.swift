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
      let owners = asked.indices.flatMap { place in asked[place].indices.map { (question: place, group: $0) } }
      for (question, groups) in zip(some, asked) where groups.isEmpty { try take(question, .likelihoods([])) }
      var found = asked.map { [[ContinuationScorer.Score]?](repeating: nil, count: $0.count) }
      try scorer.score(asked.flatMap { $0.map(\.question) }) { number, scores in
        let (place, group) = owners[number]
        found[place][group] = scores
        let all = found[place].compactMap(\.self)
        guard all.count == found[place].count else { return }
        let likelihoods = zip(asked[place], all).flatMap { group, scores in
          zip(group.candidates, scores).map { (candidate: $0, likelihood: Likelihood($1)) }
        }
        let sorted = likelihoods.sorted { $0.candidate < $1.candidate }.map(\.likelihood)
        try take(some[some.startIndex + place], .likelihoods(sorted))
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
