import JSON

/// The body of `/v1/completions`.
struct CompletionRequest {
  /// A text to be continued, or its tokens.
  enum Prompt: Equatable {
    case text(String)
    case tokens([Int32])
  }

  /// The most prompts of one request.
  static let maximumPrompts = 64

  let generation: GenerationFields
  let prompts: [Prompt]
  /// As in `AnswerOptions.alternatives`.
  let alternatives: Int?
  /// Whether the prompts come before their answers.
  let echoes: Bool

  init(_ fields: RequestFields) throws(APIError) {
    generation = try GenerationFields(fields)
    prompts = try Self.prompts(fields)
    alternatives = try fields.int("logprobs", in: 0...20)
    echoes = try fields.bool("echo") ?? false
    try fields.refuse("suffix", except: "")
    try fields.refuse("best_of", except: .integer(generation.count))
  }

  private static func prompts(_ fields: RequestFields) throws(APIError) -> [Prompt] {
    guard let value = fields["prompt"] else { throw fields.missing("prompt") }
    if let text = value.string { return [.text(text)] }
    let expected = "a string, a list of strings, a list of tokens, or a list of such lists"
    guard let elements = value.array else { throw fields.mismatch("prompt", expected, value) }
    guard !elements.isEmpty else { throw .invalid("'prompt' must not be an empty list", field: "prompt") }
    if elements[0].int != nil { return [.tokens(try tokens(elements, "prompt", fields))] }
    guard elements.count <= maximumPrompts else {
      throw .invalid("'prompt' may hold at most \(maximumPrompts) prompts, found \(elements.count)", field: "prompt")
    }
    var prompts: [Prompt] = []
    for (index, element) in elements.enumerated() {
      let name = "prompt[\(index)]"
      switch element {
      case .string(let text): prompts.append(.text(text))
      case .array(let list): prompts.append(.tokens(try tokens(list, name, fields)))
      default: throw fields.mismatch(name, "a string or a list of tokens", element)
      }
    }
    return prompts
  }

  private static func tokens(_ list: [JSON], _ field: String, _ fields: RequestFields) throws(APIError) -> [Int32] {
    var tokens: [Int32] = []
    tokens.reserveCapacity(list.count)
    for (index, element) in list.enumerated() {
      guard let number = element.int, let token = Int32(exactly: number), token >= 0 else {
        throw fields.mismatch("\(field)[\(index)]", "a token", element)
      }
      tokens.append(token)
    }
    return tokens
  }
}
