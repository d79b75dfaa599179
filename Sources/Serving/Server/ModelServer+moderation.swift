import Hummingbird
import JSON

extension ModelServer {
  /// `POST /v1/moderations`: the verdicts by which prompts and answers are refused.
  func moderate(_ request: Request, _ context: ServingContext) async throws -> Response {
    guard let moderator else {
      throw APIError(
        status: .notFound, message: says("this server has no moderation (\(setting: "moderation"))"),
        code: "no_moderation")
    }
    return try await withBody(of: request, context) {
      try ModerationRequest($0).texts
    } _: { texts in
      try admission.enter(1)
      defer { admission.leave(1) }
      let moderation = Moderation(moderator: moderator, record: context.record)
      let verdicts = try await read(for: context) { try await moderation.verdicts(on: texts) }
      return .json([
        "id": .string("modr-" + .randomID()), "model": .string(moderator.name),
        "results": .array(verdicts.map(\.json)),
      ])
    }
  }

  /// Has the prompts of a request judged; whoever asks for what is not judged with them is told.
  func moderate(_ jobs: inout Jobs, _ context: ServingContext) async throws {
    guard let moderator else { return }
    try admission.enter(1)
    defer { admission.leave(1) }
    let (moderation, judged) = (Moderation(moderator: moderator, record: context.record), jobs.judged)
    let refused = try await read(for: context) {
      var refused: Set<Int> = []
      for (index, texts) in judged.enumerated() where try await moderation.refuses(texts) { refused.insert(index) }
      return refused
    }
    for index in jobs.all.indices where refused.contains(jobs.all[index].promptIndex) {
      jobs.all[index].isRefused = true
    }
    context.record.note { $0.refusedPrompts += refused.count }
  }

  /// Refuses a wish for tokens that nobody would judge, since they are not chosen.
  func checkAlternatives(_ options: AnswerOptions, field: String) throws(APIError) {
    guard moderator != nil, options.alternatives ?? 0 > 0 else { return }
    throw .invalid(
      "'\(field)' must be \(field == "logprobs" ? "0 or absent" : "0") on this server: it has moderation, which does not judge tokens that were not chosen",
      field: field, code: "unsupported_parameter")
  }
}
