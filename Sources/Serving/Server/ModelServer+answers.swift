import Hummingbird
import Text

extension ModelServer {
  /// `POST /v1/chat/completions`
  func chat(_ request: Request, _ context: ServingContext) async throws -> Response {
    try await withFields(of: request) { try await chat(ChatRequest($0), context) }
  }

  private func chat(_ chat: ChatRequest, _ context: ServingContext) async throws -> Response {
    let served = try model(named: chat.generation.model)
    let prompt = try tokens("messages") {
      try served.model.tokens(chat.messages, chat.context, continuing: chat.continuesMessage)
    }
    try checkTools(chat, prompt, served.model)
    if settings.logsTexts {
      context.record.note { $0.prompt = chat.messages.map { "\($0.role): \($0.content)" }.joined(separator: "\n") }
    }
    return try await answer(
      ChatForm.self, served, [Prompt(tokens: prompt)], chat.generation, field: "messages", context
    ) { job in
      job.options.alternatives = chat.alternatives
      job.options.continuesText = chat.continuesMessage
      job.tools = chat.tools
    }
  }

  /// `POST /v1/completions`
  func complete(_ request: Request, _ context: ServingContext) async throws -> Response {
    try await withFields(of: request) { try await complete(CompletionRequest($0), context) }
  }

  private func complete(_ completion: CompletionRequest, _ context: ServingContext) async throws -> Response {
    let served = try model(named: completion.generation.model)
    let prompts = try completion.prompts.map { prompt in
      switch prompt {
      case .text(let text):
        return Prompt(
          tokens: try tokens("prompt") { try served.model.tokens(text) }, text: completion.echoes ? text : nil)
      case .tokens(let tokens):
        if let token = tokens.first(where: { $0 >= served.model.vocabularySize }) {
          throw APIError.invalid(
            "'prompt' holds the token \(token), but the model has \(served.model.vocabularySize)", field: "prompt")
        }
        return Prompt(tokens: tokens, text: completion.echoes ? served.model.text(tokens) : nil)
      }
    }
    if settings.logsTexts { context.record.note { $0.prompt = completion.generation.fields["prompt"]?.text } }
    return try await answer(TextForm.self, served, prompts, completion.generation, field: "prompt", context) { job in
      job.options.alternatives = completion.alternatives
      job.options.continuesText = true
    }
  }

  /// What is continued.
  private struct Prompt {
    let tokens: [Int32]
    /// Its text, where that comes before the answer.
    var text: String?
  }

  /// Refuses tools that the model would not be shown.
  private func checkTools(_ chat: ChatRequest, _ prompt: [Int32], _ model: any ServedModel) throws(APIError) {
    guard chat.tools != nil else { return }
    var bare = chat.context
    bare.tools = []
    guard (try? model.tokens(chat.messages, bare, continuing: chat.continuesMessage)) != prompt else {
      throw .invalid(
        "'tools' is not supported: the model's chat template does not show them; leave it out", field: "tools",
        code: "unsupported_parameter")
    }
  }

  /// What the tokenizer and the template say to a prompt is the client's business.
  private func tokens(_ field: String, _ tokens: () throws -> [Int32]) throws(APIError) -> [Int32] {
    do { return try tokens() } catch { throw .invalid("\(error)", field: field, code: "invalid_prompt") }
  }

  private func answer<Form: AnswerForm>(
    _ form: Form.Type, _ served: NamedModel, _ prompts: [Prompt], _ request: GenerationRequest, field: String,
    _ context: ServingContext, _ prepare: (inout Generator.Job) -> Void
  ) async throws -> Response {
    if let token = request.options.stopTokens.first(where: { $0 >= served.model.vocabularySize }) {
      throw APIError.invalid(
        "'stop_token_ids' holds the token \(token), but the model has \(served.model.vocabularySize)",
        field: "stop_token_ids")
    }
    var jobs: [Generator.Job] = []
    var warnings: [String] = []
    for prompt in prompts {
      let (maximum, warning) = try maximumTokens(prompt.tokens, request, served.model, field: field)
      if let warning, !warnings.contains(warning) { warnings.append(warning) }
      for _ in 0..<request.count {
        var job = Generator.Job(prompt: prompt.tokens, options: request.options)
        job.options.maximumTokens = maximum
        job.options.echo = prompt.text
        // Several answers to a request differ, and are the same again with the same seed.
        job.options.seed &+= UInt64(jobs.count)
        prepare(&job)
        jobs.append(job)
      }
    }
    let promptTokens = prompts.map(\.tokens.count).reduce(0, +)
    context.record.note { [warnings] notes in
      notes.model = served.name
      notes.promptTokens = promptTokens
      notes.warnings = warnings
    }
    let pieces = try Generator(admission: admission, time: settings.answerTime)
      .run(jobs, on: served.model, for: context.channel)
    let answer = Answer<Form>(
      model: served.name, jobs: jobs, promptTokens: promptTokens,
      scored: jobs.contains { $0.options.alternatives != nil }, streamsUsage: request.streamsUsage,
      logsTexts: settings.logsTexts, warnings: warnings, record: context.record)
    return request.isStreamed ? answer.stream(pieces) : try await answer.whole(pieces)
  }

  /// The most tokens of an answer: what is asked for, as far as the server and the context allow; and a word about it
  /// where that is less.
  private func maximumTokens(
    _ prompt: [Int32], _ request: GenerationRequest, _ model: any ServedModel, field: String
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
      : "answers have at most \(most) on this server (--max-tokens)"
    return (most, "'\(GenerationRequest.lengthField(request.fields))' is \(most), not \(asked): \(reason)")
  }
}

extension Int {
  fileprivate func addingClamped(_ other: Int) -> Int {
    let (sum, overflows) = addingReportingOverflow(other)
    return overflows ? .max : sum
  }
}
