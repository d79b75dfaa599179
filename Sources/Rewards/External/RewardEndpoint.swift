import Foundation
import JSON

/// A service that says what answers are worth, over HTTP.
///
/// It gets POST requests of at most 64 answers,
///
///     {"answers": [{"prompt": [{"role": "user", "content": "2 + 2?"}], "answer": "4", "ended": true, "tokens": 2,
///                   "record": {"ground_truth": "4"}}]}
///
/// and replies with a number for each, in their order; null means that it has nothing to say about this record, and
/// `{"error": "why"}` that it failed:
///
///     {"rewards": [1.0]}
///
/// Requests that do not get through, and those answered with status 429 or 5xx, are tried three times in all. If that
/// does not help, the rest of the batch fails. Redirects are not followed; proxies are taken from the environment, as
/// curl does it.
public struct RewardEndpoint: Reward {
  /// The name in metrics.
  public let name: String
  private let address: String
  private let limit: Duration
  private let pause: Duration

  private static let mostAnswers = 64
  private static let mostTries = 3

  /// A reward by a service's address.
  /// - Parameter limit: how long one request may take.
  /// - Throws: `RewardError` for an address that is not http or https, and a limit that is not positive.
  public init(_ address: String, name: String = "endpoint", limit: Duration = .seconds(60)) throws(RewardError) {
    try self.init(address, name: name, limit: limit, pause: .seconds(1))
  }

  /// - Parameter pause: how long to wait before the first repetition; twice as long before the second.
  init(_ address: String, name: String = "endpoint", limit: Duration, pause: Duration) throws(RewardError) {
    guard isAddressOfService(address) else {
      throw RewardError(
        "'\(shown(address))' is no address of a service; give one such as http://localhost:8000/rewards")
    }
    try checkLimit(limit)
    (self.address, self.name, self.limit, self.pause) = (address, name, limit, pause)
  }

  /// Asks the service about all answers.
  public func rewards(for answers: [RewardedAnswer]) throws -> [RewardOutcome] {
    try withoutBrokenPipes { outcomes(of: answers) }
  }

  private func outcomes(of answers: [RewardedAnswer]) -> [RewardOutcome] {
    var outcomes: [RewardOutcome] = []
    do throws(RewardError) {
      while outcomes.count < answers.count {
        let part = Array(answers[outcomes.count...].prefix(Self.mostAnswers))
        outcomes += try ask(part)
      }
    } catch {
      let failure = RewardOutcome.failed("the service \(error.description)")
      outcomes += Array(repeating: failure, count: answers.count - outcomes.count)
    }
    return outcomes
  }

  private func ask(_ answers: [RewardedAnswer]) throws(RewardError) -> [RewardOutcome] {
    let objects = answers.map { JSON.object(.init($0.request, uniquingKeysWith: { $1 })) }
    let body = Array((["answers": .array(objects)] as JSON).text.utf8)
    var tries = 1
    while true {
      switch post(body, to: address, within: limit) {
      case .success(let reply): return try Self.outcomes(in: reply, count: answers.count)
      case .failure(let failure):
        guard failure.isPassing, tries < Self.mostTries else { throw RewardError(failure.reason) }
        Thread.sleep(forTimeInterval: pause / .seconds(1) * Double(tries))
        tries += 1
      }
    }
  }

  private static func outcomes(in reply: [UInt8], count: Int) throws(RewardError) -> [RewardOutcome] {
    guard let json = try? JSON(parsing: reply) else {
      throw RewardError("replied '\(shown(String(decoding: reply.prefix(200), as: UTF8.self)))', which is not JSON")
    }
    guard let rewards = json["rewards"]?.array else { throw RewardError("replied without a list of 'rewards'") }
    guard rewards.count == count else {
      throw RewardError("replied with \(rewards.count) rewards for \(count) answers")
    }
    return rewards.map { RewardOutcome(reply: $0) }
  }
}

/// Whether a text is an address of http or https.
package func isAddressOfService(_ text: String) -> Bool {
  guard let url = URL(string: text), ["http", "https"].contains(url.scheme?.lowercased()) else { return false }
  return url.host()?.isEmpty == false
}

/// - Throws: `RewardError` for a time in which nothing can be asked, or that never ends.
func checkLimit(_ limit: Duration) throws(RewardError) {
  guard limit > .zero, limit <= .seconds(86_400) else {
    throw RewardError("the time limit is \(limit); give more than 0 and at most a day")
  }
}
