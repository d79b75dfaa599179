import Foundation
import JSON
import Synchronization

/// A program of the user's that says what answers are worth. It is started at the first batch, and runs until the
/// reward is gone.
///
/// It reads one JSON object a line from its standard input:
///
///     {"id": 7, "prompt": [{"role": "user", "content": "2 + 2?"}], "answer": "4", "ended": true, "tokens": 2,
///      "record": {"ground_truth": "4"}}
///
/// and writes one line for each to its standard output, in any order:
///
///     {"id": 7, "reward": 1.0}
///
/// (Each is one line; the first is broken here.) A reward of null means that the program has nothing to say about this
/// record, and `{"id": 7, "error": "why"}` that it failed. A program that replies in order may write the number alone, or
/// null. Up to 64 requests are sent ahead of the replies. The program must flush its output after each line. Its error
/// stream is passed on.
///
/// When the program ends, writes anything else, or is silent for too long, the oldest open request fails, and the program is
/// started again for the others. After three such losses in a row without a reply the rest of the batch fails.
public final class RewardCommand: Reward {
  /// The name in metrics.
  public let name: String
  private let line: String
  private let limit: Duration
  private let program = Mutex<RunningProgram?>(nil)
  private let nextID = Mutex(0)

  private static let mostAhead = 64
  private static let mostLosses = 3

  /// A reward by a line of the shell.
  /// - Parameter limit: how long the program may take for its next reply.
  /// - Throws: `RewardError` for a blank line, and for a limit that is not above 0 and at most a day.
  public init(_ line: String, name: String = "command", limit: Duration = .seconds(60)) throws(RewardError) {
    guard !PythonText.strip(line).isEmpty else { throw RewardError("the command is blank; give a line for the shell") }
    try checkLimit(limit)
    (self.line, self.name, self.limit) = (line, name, limit)
  }

  /// Asks the program about each answer.
  public func rewards(for answers: [RewardedAnswer]) throws -> [RewardOutcome] {
    try withoutBrokenPipes { program.withLock { outcomes(of: answers, from: &$0) } }
  }

  private func outcomes(of answers: [RewardedAnswer], from program: inout RunningProgram?) -> [RewardOutcome] {
    // Numbers go on from batch to batch, so that a late reply is not taken for another answer's.
    let firstID = nextID.withLock { next in
      defer { next += answers.count }
      return next
    }
    var outcomes = [RewardOutcome?](repeating: nil, count: answers.count)
    var (waiting, asked) = (Array(answers.indices.reversed()), [Int]())
    var (losses, lastHeard) = (0, ContinuousClock.now)
    while !waiting.isEmpty || !asked.isEmpty {
      do throws(RewardError) {
        if program == nil { program = try RunningProgram(line) }
        guard let running = program else { continue }
        while let next = waiting.last, asked.count < Self.mostAhead, !running.hasUnsent {
          if asked.isEmpty { lastHeard = .now }
          running.send(Self.request(answers[next], id: firstID + next))
          asked.append(next)
          waiting.removeLast()
        }
        let mayAskMore = !waiting.isEmpty && asked.count < Self.mostAhead
        guard let reply = try running.receive(orUntilSent: mayAskMore, until: lastHeard + limit, limit) else {
          continue
        }
        let place = try Self.place(of: reply, in: asked, firstID)
        outcomes[asked.remove(at: place)] = Self.outcome(of: reply)
        (losses, lastHeard) = (0, .now)
      } catch {
        let reason = "the program \(program?.end(error.description) ?? error.description)"
        program = nil
        losses += 1
        // The one that it was asked first is the likeliest cause, so that each loss settles one answer at least.
        if asked.isEmpty, let next = waiting.popLast() { asked = [next] }
        if let first = asked.first { outcomes[first] = .failed(reason) }
        waiting += asked.dropFirst().reversed()
        asked = []
        guard losses == Self.mostLosses else { continue }
        for index in waiting { outcomes[index] = .failed("\(reason), \(losses) times in a row") }
        waiting = []
      }
    }
    return outcomes.map { $0 ?? .failed("the program was not asked") }
  }

  private static func request(_ answer: RewardedAnswer, id: Int) -> String {
    JSON.object(.init([("id", .integer(id))] + answer.request, uniquingKeysWith: { $1 })).text
  }

  /// Which of the answers that were asked about a reply means; a bare reward means the first.
  private static func place(of reply: JSON, in asked: [Int], _ firstID: Int) throws(RewardError) -> Int {
    guard reply.object != nil else {
      guard !asked.isEmpty else { throw RewardError("wrote '\(shown(reply.text))' without being asked") }
      return 0
    }
    guard let id = reply["id"]?.int else { throw RewardError("wrote '\(shown(reply.text))', which has no 'id'") }
    guard let place = asked.firstIndex(where: { firstID + $0 == id }) else {
      throw RewardError("wrote a reward for the id \(id), which it was not asked for")
    }
    return place
  }

  private static func outcome(of reply: JSON) -> RewardOutcome {
    guard reply.object != nil else { return RewardOutcome(reply: reply) }
    return RewardOutcome(reply: reply["error"] == nil ? reply["reward"] : reply)
  }
}
