import Foundation
import Hashing
import JSON

/// Judges' replies, by who was asked what: what was judged once is not judged again.
/// The file has a line of JSON for each reply, with what was asked.
public final class Judgements {
  private var replies: TextKeyed<JudgeReply> = [:]
  private let file: AppendedLines?

  /// Replies that are kept in memory only.
  public init() { file = nil }

  /// Replies that are kept in a file too, which may be there already.
  /// - Throws: `EvaluationError` where it cannot be read or written.
  public init(file: URL) throws(EvaluationError) {
    let lines = try AppendedLines(file: file)
    self.file = lines
    for record in lines.records {
      guard let key = record["key"]?.string, let reply = JudgeReply(record) else { continue }
      replies[key] = reply
    }
  }

  /// Has the judges of a task read its answers.
  /// - Parameters:
  ///   - judges: one for each of the task's parts.
  ///   - progress: is told how many replies there are.
  /// - Returns: the items with their scores, and what came of asking.
  /// - Throws: errors of the file and of judges that cannot be asked at all.
  public func judge(
    _ task: any JudgedTask, _ scored: [ScoredItem], by judges: [any Judge], progress: (Int) throws -> Void = { _ in }
  ) throws -> (scored: [ScoredItem], summary: JudgingSummary) {
    var summary = JudgingSummary()
    summary.judges = zip(task.parts, judges).map { ($0, $1.name) }
    summary.prompt = task.judgePrompt.map { ($0.name, $0.digest) }
    let questions = scored.map { task.questions(about: $0.answer, to: $0.item) }
    var found = scored.map { _ in [JudgeReply?](repeating: nil, count: judges.count) }
    var isFailed = [Bool](repeating: false, count: scored.count)
    var done = 0
    for (part, judge) in judges.enumerated() {
      let keys = questions.map { Self.key(judge, $0[part]) }
      var open: [(key: String, question: JudgeQuestion)] = []
      var places: TextKeyed<[Int]> = [:]
      for (place, key) in keys.enumerated() {
        if let reply = replies[key] {
          found[place][part] = reply
          summary.known += 1
          continue
        }
        if places[key] == nil { open.append((key, questions[place][part])) }
        places[key, default: []].append(place)
      }
      done += keys.count - places.reduce(0) { $0 + $1.value.count }
      try progress(done)
      try judge.ask(open.map(\.question)) { number, outcome in
        let (key, question) = open[number]
        for place in places[key] ?? [] {
          done += 1
          switch outcome {
          case .success(let reply): found[place][part] = reply
          case .failure(let failure):
            isFailed[place] = true
            summary.firstFailure = summary.firstFailure ?? failure.description
          }
        }
        if case .success(let reply) = outcome { try keep(reply, to: question, of: judge, task.name, key) }
        try progress(done)
      }
    }
    summary.failures = isFailed.count { $0 }
    for reply in found.flatMap({ $0 }).compactMap(\.self) {
      summary.replies += 1
      summary.promptTokens += reply.promptTokens
      summary.replyTokens += reply.replyTokens
    }
    let judged = try scored.indices.map { place in
      let one = scored[place]
      let scores = try task.scores(of: one.answer, judged: found[place], to: one.item)
      if !isFailed[place], scores[task.judgedMetric.key] == nil { summary.unreadable += 1 }
      return ScoredItem(number: one.number, item: one.item, prompt: one.prompt, answer: one.answer, scores: scores)
    }
    return (judged, summary)
  }

  private func keep(_ reply: JudgeReply, to question: JudgeQuestion, of judge: any Judge, _ task: String, _ key: String)
    throws
  {
    replies[key] = reply
    var record = reply.json.object ?? [:]
    (record["key"], record["task"], record["judge"]) = (.string(key), .string(task), .string(judge.name))
    record["question"] = question.json
    try file?.append(.object(record))
  }

  private static func key(_ judge: any Judge, _ question: JudgeQuestion) -> String {
    let all: JSON = ["judge": .string(judge.identity), "question": question.json]
    return Digest.sha256(all.text.utf8).hexadecimal
  }
}
