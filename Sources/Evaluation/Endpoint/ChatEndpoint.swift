import Foundation
import JSON
import Parallel
import Rewards
import Synchronization
import Text

/// A service that answers as OpenAI's does: `POST ADDRESS/chat/completions` and `/completions`.
///
/// Requests that do not get through, and those answered with status 429 or 5xx, are tried six times in all, after pauses that
/// double from a second or last as long as the service asks. The key is never part of a message.
public struct ChatEndpoint: Sendable {
  /// The address, without a slash at its end: `https://api.openai.com/v1`.
  public let address: String
  /// The model's name there.
  public let model: String
  private let key: String?
  private let pause: Duration
  private let limit: Duration

  private static let mostTries = 6
  private static let longestPause = 120
  private static let atOnce = 8

  /// A service.
  /// - Parameters:
  ///   - key: what opens it; sent as `Authorization: Bearer`.
  ///   - limit: how long one request may take.
  /// - Throws: `EvaluationError` for an address that is not http or https, and a key that cannot be one.
  public init(_ address: String, model: String, key: String? = nil, limit: Duration = .seconds(600))
    throws(EvaluationError)
  {
    try self.init(address, model: model, key: key, limit: limit, pause: .seconds(1))
  }

  init(_ address: String, model: String, key: String?, limit: Duration = .seconds(600), pause: Duration)
    throws(EvaluationError)
  {
    guard isAddressOfService(address) else {
      throw EvaluationError("'\(address)' is no address of a service; give one such as http://localhost:8000/v1")
    }
    guard key?.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) != false else {
      throw EvaluationError("the service's key has characters that no key has; copy it again")
    }
    let whole = address.hasSuffix("/chat/completions") ? String(address.dropLast(17)) : address
    self.address = whole.hasSuffix("/") ? String(whole.dropLast()) : whole
    (self.model, self.key, self.pause, self.limit) = (model, key, pause, limit)
  }

  /// Whether a text is an address and not the name of a model's folder.
  public static func isAddress(_ text: String) -> Bool { isAddressOfService(text) }

  /// Sends requests, some at once.
  /// - Parameters:
  ///   - requests: where to, below the address, and what, without the model's name.
  ///   - take: gets each request's place and the reply, in no order. It may throw to stop; the replies that are on their way
  ///     then still come, and what it throws at those is nothing new.
  func ask(
    _ requests: [(path: String, body: JSON)], _ take: (Int, Result<JSON, JudgeFailure>) throws -> Void
  ) throws {
    guard !requests.isEmpty else { return }
    let queue = EndpointQueue(count: requests.count)
    let threads = (0..<min(Self.atOnce, requests.count)).compactMap { _ in
      startThread { [self] in
        while let number = queue.next() {
          queue.finish(number, reply(to: requests[number], whileTrue: { !queue.isStopped }))
        }
      }
    }
    func stop() {
      queue.stop()
      for thread in threads { pthread_join(thread, nil) }
    }
    guard !threads.isEmpty else { throw EvaluationError("the system has no thread to ask \(address) from") }
    do {
      for _ in requests.indices {
        let (number, reply) = queue.wait()
        try take(number, reply)
      }
      stop()
    } catch {
      stop()
      // They are paid for.
      for (number, reply) in queue.rest { try? take(number, reply) }
      throw error
    }
  }

  private func reply(
    to request: (path: String, body: JSON), whileTrue isWanted: () -> Bool
  ) -> Result<JSON, JudgeFailure> {
    var body = request.body.object ?? [:]
    body["model"] = .string(model)
    let bytes = Array(JSON.object(body).text.utf8)
    var tries = 1
    while true {
      let outcome = post(
        bytes, to: "\(address)/\(request.path)", headers: key.map { ["Authorization: Bearer \($0)"] } ?? [],
        within: limit)
      switch outcome {
      case .success(let bytes):
        guard let json = try? JSON(parsing: bytes) else {
          return .failure(JudgeFailure("\(address) replied with what is not JSON"))
        }
        return .success(json)
      case .failure(let failure):
        let asked = failure.retryAfter ?? 0
        guard failure.isPassing, tries < Self.mostTries, asked <= Self.longestPause, isWanted() else {
          return .failure(JudgeFailure("\(address) \(failure.reason)"))
        }
        let own = pause / .seconds(1) * Double(1 << (tries - 1))
        Thread.sleep(forTimeInterval: max(own, Double(asked)))
        tries += 1
      }
    }
  }
}

/// Requests that threads take, and the replies that one waits for.
private final class EndpointQueue: Sendable {
  private struct State {
    var next = 0
    var isStopped = false
    var replies: [(Int, Result<JSON, JudgeFailure>)] = []
  }

  private let count: Int
  private let state = Mutex(State())
  private let isThere = DispatchSemaphore(value: 0)

  init(count: Int) { self.count = count }

  func next() -> Int? {
    state.withLock { state in
      guard !state.isStopped, state.next < count else { return nil }
      state.next += 1
      return state.next - 1
    }
  }

  func finish(_ number: Int, _ reply: Result<JSON, JudgeFailure>) {
    state.withLock { $0.replies.append((number, reply)) }
    isThere.signal()
  }

  func wait() -> (Int, Result<JSON, JudgeFailure>) {
    isThere.wait()
    return state.withLock { $0.replies.removeFirst() }
  }

  func stop() { state.withLock { $0.isStopped = true } }

  var isStopped: Bool { state.withLock { $0.isStopped } }

  /// The replies that nobody has waited for.
  var rest: [(Int, Result<JSON, JudgeFailure>)] { state.withLock { $0.replies } }
}
