import JSON

/// A task some of whose scores are for judges to say.
public protocol JudgedTask: EvaluationTask {
  /// The parts that judges play, by name: `judge` for one that any assistant can play.
  var parts: [String] { get }
  /// The metric that an answer has no number of unless its judges said something.
  var judgedMetric: Metric { get }
  /// What results say of how judges are asked.
  var judgePrompt: JudgePrompt? { get }

  /// What each part is asked about an answer, in the order of `parts`.
  func questions(about answer: ModelAnswer, to item: EvaluationItem) -> [JudgeQuestion]

  /// The numbers that an answer gets by replies, in the order of `parts`; nil where a judge failed.
  /// - Returns: nothing for metrics that cannot be said without a reply, so that none is a 0.
  func scores(of answer: ModelAnswer, judged replies: [JudgeReply?], to item: EvaluationItem) throws -> ItemScores
}

/// Whom a task's judges are, and what came of asking them.
public struct JudgingSummary: Sendable, Equatable {
  /// The judges' names by their parts.
  public var judges: [(part: String, name: String)] = []
  /// The prompt's name and SHA-256; nil for judges that have their own.
  public var prompt: (name: String, digest: String)?
  /// How many replies there are.
  public var replies = 0
  /// How many of them were kept from before.
  public var known = 0
  /// Answers that are not judged, since a judge failed.
  public var failures = 0
  /// The first reason.
  public var firstFailure: String?
  /// Replies that say nothing of what was asked.
  public var unreadable = 0
  /// Tokens that judges read, replies from before included.
  public var promptTokens = 0
  /// Tokens that judges wrote.
  public var replyTokens = 0

  /// Whether the same came of it.
  public static func == (one: JudgingSummary, other: JudgingSummary) -> Bool { one.json == other.json }

  /// As results have it.
  public var json: JSON {
    [
      "judges": .object(TextKeyed(judges.map { ($0.part, .string($0.name)) })),
      "prompt": prompt.map { .string($0.name) } ?? .null, "prompt_sha256": prompt.map { .string($0.digest) } ?? .null,
      "replies": .integer(replies), "failures": .integer(failures), "unreadable": .integer(unreadable),
      "first_failure": firstFailure.map(JSON.string) ?? .null, "prompt_tokens": .integer(promptTokens),
      "reply_tokens": .integer(replyTokens),
    ]
  }

  /// The same in words, a line each.
  public func lines(of task: String) -> [String] {
    let names = judges.map(\.name).reduce(into: [String]()) { if !$0.contains($1) { $0.append($1) } }
    var lines = [
      "\(task): judged by \(names.joined(separator: " and ")): \(replies) replies, \(promptTokens) tokens read and \(replyTokens) written"
        + (prompt.map { "; prompt \($0.name) (\($0.digest.prefix(8)))" } ?? "")
    ]
    if failures > 0 {
      lines.append(
        "\(task): \(failures) answers are not judged and count nowhere (\(firstFailure ?? "")); ask again for them")
    }
    if unreadable > 0 { lines.append("\(task): \(unreadable) replies of the judge say nothing and count nowhere") }
    return lines
  }
}
