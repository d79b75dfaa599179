import Hummingbird
import Text

extension ModelServer {
  /// `POST /v1/chat/completions`
  func chat(_ request: Request, _ context: ServingContext) async throws -> Response {
    let body = try await request.bytes(upTo: settings.maximumBodyBytes)
    let (chat, served, prompt) = try await read(for: context) {
      let chat = try ChatRequest(RequestFields(body: body))
      let served = try model(named: chat.generation.model)
      return (chat, served, try tokens("messages") { try served.model.tokens(chat.messages) })
    }
    if settings.logsTexts {
      context.record.note { $0.prompt = chat.messages.map { "\($0.role): \($0.content)" }.joined(separator: "\n") }
    }
    return try await answer(
      ChatForm.self, served, [prompt], chat.generation, alternatives: chat.alternatives, field: "messages", context)
  }

  /// `POST /v1/completions`
  func complete(_ request: Request, _ context: ServingContext) async throws -> Response {
    let body = try await request.bytes(upTo: settings.maximumBodyBytes)
    let (completion, served, prompts) = try await read(for: context) {
      let completion = try CompletionRequest(RequestFields(body: body))
      let served = try model(named: completion.generation.model)
      return (completion, served, try completion.prompts.map { try tokens($0, for: served.model) })
    }
    if settings.logsTexts { context.record.note { $0.prompt = completion.generation.fields["prompt"]?.text } }
    return try await answer(
      TextForm.self, served, prompts, completion.generation, alternatives: completion.alternatives, field: "prompt",
      context)
  }

  private func tokens(_ prompt: CompletionRequest.Prompt, for model: any ServedModel) throws -> [Int32] {
    switch prompt {
    case .text(let text): return try tokens("prompt") { try model.tokens(text) }
    case .tokens(let tokens):
      if let token = tokens.first(where: { $0 >= model.vocabularySize }) {
        throw APIError.invalid(
          "'prompt' holds the token \(token), but the model has \(model.vocabularySize)", field: "prompt")
      }
      return tokens
    }
  }

  /// What the tokenizer and the template say to a prompt is the client's business.
  private func tokens(_ field: String, _ tokens: () throws -> [Int32]) throws(APIError) -> [Int32] {
    do { return try tokens() } catch { throw .invalid("\(error)", field: field, code: "invalid_prompt") }
  }

  private func answer<Form: AnswerForm>(
    _ form: Form.Type, _ served: NamedModel, _ prompts: [[Int32]], _ request: GenerationRequest, alternatives: Int?,
    field: String, _ context: ServingContext
  ) async throws -> Response {
    var jobs: [Generator.Job] = []
    for prompt in prompts {
      let maximum = try maximumTokens(prompt, request, served.model, field: field)
      for _ in 0..<request.count {
        var options = request.options
        options.maximumTokens = maximum
        options.alternatives = alternatives
        // Several answers to a request differ, and are the same again with the same seed.
        options.seed &+= UInt64(jobs.count)
        jobs.append(Generator.Job(prompt: prompt, options: options))
      }
    }
    let promptTokens = prompts.map(\.count).reduce(0, +)
    context.record.note { notes in
      notes.model = served.name
      notes.promptTokens = promptTokens
    }
    let pieces = try Generator(admission: admission, time: settings.answerTime)
      .run(jobs, on: served.model, for: context.channel)
    let answer = Answer<Form>(
      model: served.name, jobs: jobs, promptTokens: promptTokens, scored: alternatives != nil,
      streamsUsage: request.streamsUsage, logsTexts: settings.logsTexts, record: context.record)
    return request.isStreamed ? answer.stream(pieces) : try await answer.whole(pieces)
  }

  /// The most tokens of an answer: what is asked for, else what the server and the context allow.
  private func maximumTokens(
    _ prompt: [Int32], _ request: GenerationRequest, _ model: any ServedModel, field: String
  ) throws(APIError) -> Int {
    guard !prompt.isEmpty else { throw .invalid("'\(field)' gives the model no token to begin with", field: field) }
    let room = model.contextLength - prompt.count
    guard room > 0 else {
      throw .invalid(
        "the prompt has \(prompt.count) tokens; with an answer, the model takes at most \(model.contextLength)",
        field: field, code: "context_length_exceeded")
    }
    guard let asked = request.maximumTokens else { return min(settings.maximumTokens, room) }
    let name = request.fields["max_completion_tokens"] == nil ? "max_tokens" : "max_completion_tokens"
    guard asked <= settings.maximumTokens else {
      throw .invalid("'\(name)' is at most \(settings.maximumTokens) on this server, found \(asked)", field: name)
    }
    guard asked <= room else {
      throw .invalid(
        "the prompt has \(prompt.count) tokens and '\(name)' asks for \(asked) more; together the model takes at most "
          + "\(model.contextLength)", field: name, code: "context_length_exceeded")
    }
    return asked
  }
}
