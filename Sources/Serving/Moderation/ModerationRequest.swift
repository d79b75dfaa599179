import JSON

/// The body of `/v1/moderations`: texts, as OpenAI has them.
struct ModerationRequest {
  /// The most texts of one request.
  static let maximumTexts = 64

  /// At least one.
  let texts: [String]

  init(_ fields: RequestFields) throws(APIError) {
    guard let input = fields["input"] else { throw fields.missing("input") }
    if let parts = input.array, parts.first?.object != nil {
      var texts: [String] = []
      for (index, part) in parts.enumerated() {
        let part = try RequestFields(part, name: "input[\(index)]")
        guard try part.string("type") == "text", let text = try part.string("text") else {
          throw .invalid("'\(part.name("type"))' must be \"text\": only text is understood", field: part.name("type"))
        }
        texts.append(text)
      }
      // The parts of one input have one verdict.
      self.texts = [texts.joined(separator: "\n")]
    } else {
      texts = try fields.strings("input") ?? []
    }
    guard !texts.isEmpty else { throw .invalid("'input' must not be empty", field: "input") }
    guard texts.count <= Self.maximumTexts else {
      throw .invalid("'input' may hold at most \(Self.maximumTexts) texts, found \(texts.count)", field: "input")
    }
  }
}
