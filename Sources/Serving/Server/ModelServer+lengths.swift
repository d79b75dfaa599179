extension ModelServer {
  /// The most tokens of an answer: what is asked for, as far as the server and the context allow; and a word about it
  /// where that is less.
  func maximumTokens(
    _ prompt: [Int32], _ request: GenerationFields, _ model: any ServedModel, field: String
  ) throws(APIError) -> (tokens: Int, warning: String?) {
    guard !prompt.isEmpty else { throw .invalid("'\(field)' gives the model no token to begin with", field: field) }
    let room = model.contextLength - prompt.count
    let asked = request.maximumTokens
    guard room >= min(1, asked ?? 1) else {
      // Clients know an overflow by these words of OpenAI's.
      let answer = max(1, asked ?? 1)
      throw .invalid(
        "This model's maximum context length is \(model.contextLength) tokens. However, you requested "
          + "\(prompt.count.addingClamped(answer)) tokens (\(prompt.count) in the \(field), \(answer) in the completion). "
          + "Please reduce the length of the \(field) or completion. (context_length_exceeded)", field: field,
        code: "context_length_exceeded")
    }
    let most = min(settings.maximumTokens, room)
    guard let asked, asked > most else { return (asked ?? most, nil) }
    let reason =
      most == room
      ? "the context of \(model.contextLength) tokens has room for \(room) after the prompt"
      : says("answers have at most \(most) on this server (\(setting: "max-tokens"))")
    return (most, "'\(GenerationFields.lengthField(request.fields))' is \(most), not \(asked): \(reason)")
  }
}

extension Int {
  fileprivate func addingClamped(_ other: Int) -> Int {
    let (sum, overflows) = addingReportingOverflow(other)
    return overflows ? .max : sum
  }
}
