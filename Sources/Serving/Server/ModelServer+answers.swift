import Hummingbird
import Text

extension ModelServer {
  /// What a request asks for, read and checked.
  private struct Asked: Sendable {
    let generation: GenerationFields
    let served: NamedModel
    let jobs: Jobs
  }

  /// `POST /v1/chat/completions`
  func chat(_ request: Request, _ context: ServingContext) async throws -> Response {
    try await withBody(of: request, context) { [self] fields in
      let chat = try ChatRequest(fields)
      let (served, jobs) = try jobs(chat, field: "messages", context)
      return Asked(generation: chat.generation, served: served, jobs: jobs)
    } _: { asked in
      try await answer(ChatForm.self, asked, context)
    }
  }

  /// `POST /v1/responses`
  func respond(_ request: Request, _ context: ServingContext) async throws -> Response {
    try await withBody(of: request, context) { [self] fields in
      let chat = try ResponsesRequest(fields).chat
      let (served, jobs) = try jobs(chat, field: "input", context)
      return (Asked(generation: chat.generation, served: served, jobs: jobs), fields["tools"]?.array ?? [])
    } _: { asked, tools in
      let pieces = try await run(asked, context)
      let answer = ResponsesAnswer(
        model: asked.served.name, jobs: asked.jobs, tools: tools, logsTexts: settings.logsTexts, record: context.record)
      return asked.generation.isStreamed ? answer.stream(pieces) : try await answer.whole(pieces)
    }
  }

  /// The answers to a conversation.
  private func jobs(
    _ chat: ChatRequest, field: String, _ context: ServingContext
  ) throws(APIError) -> (NamedModel, Jobs) {
    let served = try model(named: chat.generation.model)
    let prompt = try tokens(field) {
      try served.model.tokens(chat.messages, chat.context, continuing: chat.continuesMessage)
    }
    try checkTools(chat, prompt, served.model)
    if settings.logsTexts {
      context.record.note { $0.prompt = chat.messages.map { "\($0.role): \($0.content)" }.joined(separator: "\n") }
    }
    let jobs = try jobs(
      served, [Prompt(tokens: prompt, judged: ModeratedPrompt.texts(chat.messages))], chat.generation, field: field,
      context
    ) {
      job throws(APIError) in
      job.options.alternatives = chat.alternatives
      try checkAlternatives(job.options, field: "top_logprobs")
      if chat.continuesMessage { job.continued = chat.messages.last?.content ?? "" }
      job.options.continuesText = chat.continuesMessage
      job.tools = chat.tools
      if chat.tools != nil { job.options.shownTokens = ToolCallReader.marks }
    }
    return (served, jobs)
  }

  /// `POST /v1/completions`
  func complete(_ request: Request, _ context: ServingContext) async throws -> Response {
    try await withBody(of: request, context) { [self] fields in
      try asked(CompletionRequest(fields), context)
    } _: { asked in
      try await answer(TextForm.self, asked, context)
    }
  }

  private func asked(_ completion: CompletionRequest, _ context: ServingContext) throws -> Asked {
    let served = try model(named: completion.generation.model)
    let prompts = try completion.prompts.map { prompt in
      switch prompt {
      case .text(let text):
        return Prompt(
          tokens: try tokens("prompt") { try served.model.tokens(text) }, judged: [text],
          text: completion.echoes ? text : nil)
      case .tokens(let tokens):
        if let token = tokens.first(where: { $0 >= served.model.vocabularySize }) {
          throw APIError.invalid(
            "'prompt' holds the token \(token), but the model has \(served.model.vocabularySize)", field: "prompt")
        }
        let text = served.model.text(tokens)
        return Prompt(tokens: tokens, judged: [text], text: completion.echoes ? text : nil)
      }
    }
    if settings.logsTexts { context.record.note { $0.prompt = completion.generation.fields["prompt"]?.text } }
    let jobs = try jobs(served, prompts, completion.generation, field: "prompt", context) { job throws(APIError) in
      job.options.alternatives = completion.alternatives
      try checkAlternatives(job.options, field: "logprobs")
      job.continued = prompts[job.promptIndex].judged[0]
      job.options.continuesText = true
    }
    return Asked(generation: completion.generation, served: served, jobs: jobs)
  }

  /// The answers to a request.
  struct Jobs: Sendable {
    var all: [Generator.Job] = []
    /// What moderation judges of each prompt.
    var judged: [[String]] = []
    /// The tokens of all prompts, each counted once however many answers it gets.
    let promptTokens: Int
    /// What is done otherwise than asked.
    var warnings: [String] = []
  }

  /// What is continued.
  private struct Prompt {
    let tokens: [Int32]
    /// What moderation judges of it.
    let judged: [String]
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

  private func jobs(
    _ served: NamedModel, _ prompts: [Prompt], _ request: GenerationFields, field: String, _ context: ServingContext,
    _ prepare: (inout Generator.Job) throws(APIError) -> Void
  ) throws(APIError) -> Jobs {
    if let token = request.options.stopTokens.first(where: { $0 >= served.model.vocabularySize }) {
      throw .invalid(
        "'stop_token_ids' holds the token \(token), but the model has \(served.model.vocabularySize)",
        field: "stop_token_ids")
    }
    var jobs = Jobs(promptTokens: prompts.map(\.tokens.count).reduce(0, +))
    jobs.judged = prompts.map(\.judged)
    for (index, prompt) in prompts.enumerated() {
      let (maximum, warning) = try maximumTokens(prompt.tokens, request, served.model, field: field)
      if let warning, !jobs.warnings.contains(warning) { jobs.warnings.append(warning) }
      if request.options.minimumTokens > maximum {
        let few = "'min_tokens' is \(request.options.minimumTokens), but there are at most \(maximum)"
        if !jobs.warnings.contains(few) { jobs.warnings.append(few) }
      }
      for _ in 0..<request.count {
        var job = Generator.Job(prompt: prompt.tokens, options: request.options, promptIndex: index)
        job.options.maximumTokens = maximum
        job.options.echo = prompt.text
        // Several answers to a request differ, and are the same again with the same seed.
        job.options.seed &+= UInt64(jobs.all.count)
        try prepare(&job)
        job.continued = String(job.continued.suffix(ModeratedPrompt.longestContinued))
        jobs.all.append(job)
      }
    }
    context.record.note { [jobs] notes in
      notes.model = served.name
      notes.promptTokens = jobs.promptTokens
      notes.warnings = jobs.warnings
    }
    return jobs
  }

  /// The pieces of the answers, those that moderation lets through.
  private func run(
    _ asked: Asked, _ context: ServingContext
  ) async throws -> AsyncThrowingStream<Generator.Piece, any Error> {
    var jobs = asked.jobs
    try await moderate(&jobs, context)
    return try Generator(
      admission: admission, time: settings.answerTime,
      moderation: moderator.map { Moderation(moderator: $0, record: context.record) },
      isStreamed: asked.generation.isStreamed
    ).run(jobs.all, on: asked.served.model, for: context.channel)
  }

  private func answer<Form: AnswerForm>(
    _ form: Form.Type, _ asked: Asked, _ context: ServingContext
  ) async throws -> Response {
    let (served, jobs) = (asked.served, asked.jobs)
    let pieces = try await run(asked, context)
    let answer = Answer<Form>(
      model: served.name, jobs: jobs.all, promptTokens: jobs.promptTokens,
      scored: jobs.all.contains { $0.options.alternatives != nil }, streamsUsage: asked.generation.streamsUsage,
      logsTexts: settings.logsTexts, warnings: jobs.warnings, record: context.record)
    return asked.generation.isStreamed ? answer.stream(pieces) : try await answer.whole(pieces)
  }
}
