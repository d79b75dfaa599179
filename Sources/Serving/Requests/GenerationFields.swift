import JSON

/// What `/v1/chat/completions` and `/v1/completions` have in common.
struct GenerationFields {
  /// The model's name; nil where the request names none.
  let model: String?
  /// The answers to each prompt.
  let count: Int
  let isStreamed: Bool
  /// Whether a stream ends with the number of tokens.
  let streamsUsage: Bool
  /// The options but for `maximumTokens`, `alternatives` and what differs between answers.
  let options: AnswerOptions
  /// The most tokens that are asked for, 0 for none; nil for as many as may be, which −1 asks for too.
  let maximumTokens: Int?
  /// The body itself, for what only one of the two has.
  let fields: RequestFields

  /// Reads the options. Those that would change answers but are not supported are refused, unless they ask for nothing.
  init(_ fields: RequestFields) throws(APIError) {
    self.fields = fields
    model = try fields.string("model")
    count = try fields.int("n", in: 1...64) ?? 1
    isStreamed = try fields.bool("stream") ?? false
    if let streamOptions = fields["stream_options"] {
      guard isStreamed else {
        throw .invalid("'stream_options' is only for 'stream': true", field: "stream_options")
      }
      streamsUsage = try RequestFields(streamOptions, name: "stream_options").bool("include_usage") ?? false
    } else {
      streamsUsage = false
    }
    maximumTokens = try Self.maximumTokens(fields)
    let stops = try fields.strings("stop") ?? []
    guard stops.count <= 16 else {
      throw .invalid("'stop' may hold at most 16 texts, found \(stops.count)", field: "stop")
    }
    guard stops.allSatisfy({ !$0.isEmpty && $0.utf8.count <= 1024 }) else {
      throw .invalid("a text of 'stop' must have 1 to 1024 bytes", field: "stop")
    }
    let topP = try fields.double("top_p", in: 0...1) ?? 1
    let topK = try fields.int("top_k", in: -1...1_000_000)
    let seed = try fields.int("seed", in: .min ... .max)
    let temperature = try fields.double("temperature", in: 0...2) ?? 1
    var options = AnswerOptions(
      // No share of the probability is the likeliest token alone.
      maximumTokens: 1, temperature: topP > 0 ? temperature : 0, topP: topP > 0 ? topP : 1,
      topK: topK.flatMap { $0 > 0 ? $0 : nil },
      minP: try fields.double("min_p", in: 0...1) ?? 0,
      repetitionPenalty: try fields.double("repetition_penalty", in: 0.01...100) ?? 1,
      seed: seed.map { UInt64(bitPattern: Int64($0)) } ?? .random(in: .min ... .max), stops: stops)
    options.frequencyPenalty = try fields.double("frequency_penalty", in: -2...2) ?? 0
    options.presencePenalty = try fields.double("presence_penalty", in: -2...2) ?? 0
    options.minimumTokens = try fields.int("min_tokens", in: 0 ... .max) ?? 0
    options.ignoresEnd = try fields.bool("ignore_eos") ?? false
    for (index, element) in (try fields.array("stop_token_ids") ?? []).enumerated() {
      guard let token = element.int.flatMap(Int32.init(exactly:)), token >= 0 else {
        throw fields.mismatch("stop_token_ids[\(index)]", "a token", element)
      }
      options.stopTokens.insert(token)
    }
    self.options = options
    if let maximumTokens, maximumTokens < options.minimumTokens {
      throw .invalid(
        "'min_tokens' asks for \(options.minimumTokens) tokens, more than the most, \(maximumTokens)",
        field: "min_tokens")
    }
    try fields.refuseUnsupported()
  }

  /// The name of the field that says how many tokens an answer may have.
  static func lengthField(_ fields: RequestFields) -> String {
    ["max_completion_tokens", "max_output_tokens"].first { fields[$0] != nil } ?? "max_tokens"
  }

  private static func maximumTokens(_ fields: RequestFields) throws(APIError) -> Int? {
    let name = lengthField(fields)
    // Only a prompt that is given back may go without an answer.
    let least = name == "max_tokens" && fields["echo"]?.bool == true ? 0 : 1
    if fields[name]?.int == -1 { return nil }
    return try fields.int(name, in: least ... .max)
  }
}
