import JSON

/// What `/v1/chat/completions` and `/v1/completions` have in common.
struct GenerationRequest {
  /// The model's name; nil where the request names none.
  let model: String?
  /// The answers to each prompt.
  let count: Int
  let isStreamed: Bool
  /// Whether a stream ends with the number of tokens.
  let streamsUsage: Bool
  /// The options but for `maximumTokens`, `alternatives` and what differs between answers.
  let options: SamplingOptions
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
    let shortName = try fields.int("max_tokens", in: 1 ... .max)
    maximumTokens = try fields.int("max_completion_tokens", in: 1 ... .max) ?? shortName
    let stops = try fields.strings("stop") ?? []
    guard stops.count <= 16 else {
      throw .invalid("'stop' may hold at most 16 texts, found \(stops.count)", field: "stop")
    }
    guard stops.allSatisfy({ !$0.isEmpty && $0.utf8.count <= 1024 }) else {
      throw .invalid("a text of 'stop' must have 1 to 1024 bytes", field: "stop")
    }
    let topP = try fields.double("top_p", in: 0...1) ?? 1
    guard topP > 0 else {
      throw .invalid("'top_p' must be above 0; temperature 0 takes the likeliest token", field: "top_p")
    }
    let topK = try fields.int("top_k", in: -1...1_000_000)
    let seed = try fields.int("seed", in: .min ... .max)
    options = SamplingOptions(
      maximumTokens: 1,
      temperature: try fields.double("temperature", in: 0...2) ?? 1, topP: topP,
      topK: topK.flatMap { $0 > 0 ? $0 : nil },
      minP: try fields.double("min_p", in: 0...1) ?? 0,
      repetitionPenalty: try fields.double("repetition_penalty", in: 0.01...100) ?? 1,
      seed: seed.map { UInt64(bitPattern: Int64($0)) } ?? .random(in: .min ... .max), stops: stops)
    try fields.refuse("frequency_penalty", except: 0)
    try fields.refuse("presence_penalty", except: 0)
    try fields.refuse("logit_bias", except: [:])
  }
}
