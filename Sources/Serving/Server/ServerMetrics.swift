import Synchronization

/// Counters in Prometheus' text format.
final class ServerMetrics: Sendable {
  private struct State {
    var requests: [[String]: Int] = [:]
    var promptTokens: [String: Int] = [:]
    var completionTokens: [String: Int] = [:]
    var votes: [String: Int] = [:]
    var ratings: [String: Int] = [:]
    var moderation: [String: Int] = ["refused_prompts": 0, "refused_answers": 0, "failed_moderations": 0]
    var scores = 0
    var duration = PrometheusHistogram(bounds: [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600])
    var firstToken = PrometheusHistogram(bounds: [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60])
  }

  private let state = Mutex(State())

  /// Counts an answered request.
  func count(path: String, status: Int, seconds: Double, notes: RequestRecord.Notes, firstToken: Double?) {
    state.withLock { state in
      state.requests[[path, String(status)], default: 0] += 1
      for (name, count) in notes.moderation { state.moderation[name, default: 0] += count }
      state.scores += notes.scores
      guard let model = notes.model else { return }
      state.promptTokens[model, default: 0] += notes.promptTokens
      state.completionTokens[model, default: 0] += notes.completionTokens
      state.duration.add(seconds)
      if let firstToken { state.firstToken.add(firstToken) }
    }
  }

  /// Counts a vote.
  func count(vote: String) { state.withLock { $0.votes[vote, default: 0] += 1 } }

  /// Counts a rating.
  func count(rating: String) { state.withLock { $0.ratings[rating, default: 0] += 1 } }

  /// The text of `/metrics`.
  func text(answers: Int, capacity: Int) -> String {
    let state = state.withLock(\.self)
    var text = ""
    func family(
      _ name: String, _ type: String, _ help: String, _ samples: [(labels: [(String, String)], value: String)]
    ) {
      text += "# HELP \(name) \(help)\n# TYPE \(name) \(type)\n"
      for sample in samples { text += "\(name)\(Self.labels(sample.labels)) \(sample.value)\n" }
    }
    func counts(_ values: [String: Int], _ label: String) -> [(labels: [(String, String)], value: String)] {
      values.sorted { $0.key < $1.key }.map { ([(label, $0.key)], String($0.value)) }
    }
    family(
      "caravan_requests_total", "counter", "Requests answered.",
      state.requests.sorted { $0.key.lexicographicallyPrecedes($1.key) }
        .map { ([("path", $0.key[0]), ("status", $0.key[1])], String($0.value)) })
    family("caravan_prompt_tokens_total", "counter", "Tokens of prompts.", counts(state.promptTokens, "model"))
    family("caravan_completion_tokens_total", "counter", "Tokens of answers.", counts(state.completionTokens, "model"))
    family("caravan_votes_total", "counter", "Votes taken.", counts(state.votes, "winner"))
    family(
      "caravan_ratings_total", "counter", "Ratings taken; none takes one back.", counts(state.ratings, "rating"))
    family(
      "caravan_moderation_total", "counter", "Prompts and answers that were refused, and judging that failed.",
      counts(state.moderation, "outcome"))
    family("caravan_scores_total", "counter", "Answers scored.", [([], String(state.scores))])
    family("caravan_answers_in_flight", "gauge", "Answers under way or waiting.", [([], String(answers))])
    family("caravan_answers_limit", "gauge", "The most answers under way or waiting.", [([], String(capacity))])
    text += state.duration.text("caravan_request_duration_seconds", "How long answers took.")
    text += state.firstToken.text("caravan_time_to_first_token_seconds", "From a request to its first token.")
    return text
  }

  private static func labels(_ labels: [(String, String)]) -> String {
    guard !labels.isEmpty else { return "" }
    let pairs = labels.map { name, value in
      let escaped = value.flatMap { character in
        switch character {
        case "\\": "\\\\"
        case "\"": "\\\""
        case "\n": "\\n"
        default: String(character)
        }
      }
      return "\(name)=\"\(String(escaped))\""
    }
    return "{\(pairs.joined(separator: ","))}"
  }
}
