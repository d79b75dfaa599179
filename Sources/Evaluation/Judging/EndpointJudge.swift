import JSON
import Text

/// A judge that is a service, as OpenAI's are.
public struct EndpointJudge: Judge {
  /// The model's name there.
  public var name: String { endpoint.model }
  /// Where it is, and which.
  public var identity: String { "\(endpoint.address) \(endpoint.model)" }
  private let endpoint: ChatEndpoint

  /// A service as a judge.
  public init(_ endpoint: ChatEndpoint) { self.endpoint = endpoint }

  /// Asks it, several questions at once.
  public func ask(_ questions: [JudgeQuestion], _ take: (Int, Result<JudgeReply, JudgeFailure>) throws -> Void) throws {
    var (places, requests): ([Int], [(path: String, body: JSON)]) = ([], [])
    for (place, question) in questions.enumerated() {
      guard case .reply(let messages, let most, let alternatives) = question else {
        try take(
          place,
          .failure(JudgeFailure("a service does not tell how probable a text is; give the judge's folder instead")))
        continue
      }
      places.append(place)
      requests.append(("chat/completions", Self.body(messages, most, alternatives)))
    }
    try endpoint.ask(requests) { number, outcome in
      try take(places[number], outcome.flatMap { Self.reply($0, endpoint.address) })
    }
  }

  private static func body(_ messages: [Message], _ most: Int, _ alternatives: Int) -> JSON {
    var body: TextKeyed<JSON> = [
      "messages": .array(messages.map(\.json)),
      "max_tokens": .integer(most), "temperature": .integer(0),
    ]
    if alternatives > 0 { (body["logprobs"], body["top_logprobs"]) = (.bool(true), .integer(alternatives)) }
    return .object(body)
  }

  private static func reply(_ json: JSON, _ address: String) -> Result<JudgeReply, JudgeFailure> {
    let choice = json["choices"]?.array?.first
    guard let text = choice?["message"]?["content"]?.string else {
      return .failure(JudgeFailure("\(address) replied without a message"))
    }
    let first = choice?["logprobs"]?["content"]?.array?.first?["top_logprobs"]?.array ?? []
    let numbers = first.compactMap { token in
      token["token"]?.string.flatMap { text in token["logprob"]?.double.map { (text, $0) } }
    }
    return .success(
      JudgeReply(
        text, logProbabilities: TextKeyed(numbers), promptTokens: json["usage"]?["prompt_tokens"]?.int ?? 0,
        replyTokens: json["usage"]?["completion_tokens"]?.int ?? 0))
  }
}
