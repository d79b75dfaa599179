import Hashing
import JSON
import Text

/// Puts a task's items to a service, and scores what it says. It can be asked for texts only: likelihoods are a folder's.
///
/// Conversations go to `chat/completions`, where the service's own template writes them; raw texts to `completions`.
public final class EndpointEvaluator {
  private let endpoint: ChatEndpoint
  private let cache: AnswerCache
  /// Items whose answers were known.
  public private(set) var known = 0

  /// The service takes no more texts that end an answer; the others end it here.
  private static let mostStops = 4

  /// - Parameter cache: where answers are kept; by default in memory only.
  public init(_ endpoint: ChatEndpoint, cache: AnswerCache = AnswerCache()) {
    (self.endpoint, self.cache) = (endpoint, cache)
  }

  /// What a person should know of a task that a service answers, a line each.
  public static func remarks(on task: any EvaluationTask, _ items: [EvaluationItem]) -> [String] {
    let begun = items.count { $0.prompt.isChat && !$0.prompt.answerBeginning.isEmpty }
    return begun == 0
      ? [] : ["\(task.name): a service does not let answers begin with given words; \(begun) prompts go without them"]
  }

  /// Answers and scores items.
  /// - Parameter progress: is told how many of the items are answered; it may throw to stop, and what is answered is kept.
  /// - Throws: `EvaluationError` for items that ask for likelihoods, and where the service fails: what it said before is kept.
  public func run(
    _ task: any EvaluationTask, _ items: [EvaluationItem], progress: (Int) throws -> Void = { _ in }
  ) throws -> [ScoredItem] {
    let requests = try items.map { try Self.requests($0, of: task) }
    let keys = requests.map { key($0) }
    known = keys.count { cache[$0] != nil }
    var done = known
    try progress(done)
    // The same question is asked once, whoever asks it.
    var open: [(item: Int, number: Int)] = []
    var seen: Set<TextKey> = []
    for (place, key) in keys.enumerated() where cache[key] == nil && seen.insert(TextKey(key)).inserted {
      open += requests[place].indices.map { (place, $0) }
    }
    let repeats = Dictionary(grouping: keys) { TextKey($0) }.mapValues(\.count)
    var texts: [Int: [String?]] = [:]
    try endpoint.ask(open.map { requests[$0.item][$0.number] }) { number, outcome in
      let (place, part) = open[number]
      let text: String
      switch outcome {
      case .success(let json): text = try Self.text(json, endpoint.address)
      case .failure(let failure): throw EvaluationError("\(task.name): \(failure); answers so far are kept")
      }
      guard case .answer(let decoding) = items[place].request else { return }
      texts[place, default: Array(repeating: nil, count: requests[place].count)][part] = Self.cut(text, decoding.stops)
      let all = (texts[place] ?? []).compactMap(\.self)
      guard all.count == requests[place].count else { return }
      try cache.keep(.texts(all), for: keys[place])
      done += repeats[TextKey(keys[place])] ?? 1
      try progress(done)
    }
    return try items.indices.map { place in
      let answer = cache[keys[place]] ?? .texts([])
      let scores = try task.scores(of: answer, to: items[place])
      let prompt = Self.question(items[place].prompt)
      return ScoredItem(number: place, item: items[place], prompt: prompt, answer: answer, scores: scores)
    }
  }

  private func key(_ requests: [(path: String, body: JSON)]) -> String {
    let all: JSON = [
      "endpoint": .string(endpoint.address), "model": .string(endpoint.model),
      "requests": .array(requests.flatMap { [.string($0.path), $0.body] }),
    ]
    return Digest.sha256(all.text.utf8).hexadecimal
  }

  private static func question(_ prompt: TaskPrompt) -> String {
    prompt.opening + prompt.shots.joined() + prompt.question + (prompt.isChat ? "" : prompt.answerBeginning)
  }

  private static func requests(
    _ item: EvaluationItem, of task: any EvaluationTask
  ) throws(EvaluationError) -> [(path: String, body: JSON)] {
    guard case .answer(let decoding) = item.request else {
      let asked = if case .rewards = item.request { "what answers are worth" } else { "how probable texts are" }
      throw EvaluationError(
        "\(task.name) asks \(asked), which a service does not tell; give the model's folder instead")
    }
    return (0..<max(1, decoding.count)).map { number in
      var body: TextKeyed<JSON> = [
        "max_tokens": .integer(decoding.maximumTokens), "temperature": .number(decoding.temperature),
        "top_p": .number(decoding.topP),
      ]
      if !decoding.stops.isEmpty { body["stop"] = .array(decoding.stops.prefix(mostStops).map(JSON.string)) }
      if decoding.count > 1 { body["seed"] = .integer(number) }
      let text = question(item.prompt)
      guard item.prompt.isChat else {
        body["prompt"] = .string(text)
        return ("completions", .object(body))
      }
      body["messages"] = [["role": "user", "content": .string(text)]]
      return ("chat/completions", .object(body))
    }
  }

  private static func text(_ json: JSON, _ address: String) throws(EvaluationError) -> String {
    let choice = json["choices"]?.array?.first
    guard let text = choice?["message"]?["content"]?.string ?? choice?["text"]?.string else {
      throw EvaluationError("\(address) replied without a text")
    }
    return text
  }

  /// The text up to the first of some stops.
  private static func cut(_ text: String, _ stops: [String]) -> String {
    let ends = stops.compactMap { text.utf8.firstRange(of: Array($0.utf8))?.lowerBound }
    return ends.min().map { String(text[..<$0]) } ?? text
  }
}
