import Foundation
import Hummingbird
import JSON

/// Writes the answers to one request, whole or as a stream of server-sent events.
struct Answer<Form: AnswerForm>: Sendable {
  let model: String
  let jobs: [Generator.Job]
  /// The tokens of all prompts, each counted once however many answers it gets.
  let promptTokens: Int
  let scored: Bool
  let streamsUsage: Bool
  let logsTexts: Bool
  /// What was done otherwise than asked, for people to read.
  let warnings: [String]
  let record: RequestRecord

  private let id = Form.idPrefix + .randomID()
  private let created = Int(Date.now.timeIntervalSince1970)

  init(
    model: String, jobs: [Generator.Job], promptTokens: Int, scored: Bool, streamsUsage: Bool, logsTexts: Bool,
    warnings: [String], record: RequestRecord
  ) {
    self.model = model
    self.jobs = jobs
    self.promptTokens = promptTokens
    self.scored = scored
    self.streamsUsage = streamsUsage
    self.logsTexts = logsTexts
    self.warnings = warnings
    self.record = record
  }

  /// One JSON object, once everything is there.
  func whole(_ pieces: AsyncThrowingStream<Generator.Piece, any Error>) async throws -> Response {
    var answers = jobs.map { _ in GeneratedPiece() }
    for try await part in pieces {
      record.note(part.piece)
      answers[part.index].append(part.piece)
    }
    // The stream also ends where the connection does.
    guard answers.allSatisfy({ $0.finish != nil }) else { throw CancellationError() }
    record.note(answers, texts: logsTexts)
    let choices = answers.enumerated().map { Form.choice($1, index: $0, scored: scored) }
    let json: JSON = [
      "id": .string(id), "object": .string(Form.object), "created": .integer(created), "model": .string(model),
      "choices": .array(choices), "usage": usage(answers.map(\.tokens.count).reduce(0, +)),
    ]
    return .json(warned(json))
  }

  /// Server-sent events, each flushed as its piece comes.
  func stream(_ pieces: AsyncThrowingStream<Generator.Piece, any Error>) -> Response {
    .events(record, errorEvent: { Self.event($0.json) }, { try await write(pieces, to: &$0) })
  }

  private func write(
    _ pieces: AsyncThrowingStream<Generator.Piece, any Error>, to writer: inout any ResponseBodyWriter
  ) async throws {
    for index in jobs.indices {
      if let opening = Form.opening(index: index) { try await writer.write(part([opening])) }
    }
    var answers = jobs.map { _ in GeneratedPiece() }
    // Where the next token's text begins; a prompt's text comes before its tokens.
    var offsets = jobs.map { _ in 0 }
    for try await part in pieces {
      record.note(part.piece)
      answers[part.index].append(part.piece)
      // A piece that only held back text has nothing to say.
      guard part.piece.saysSomething || scored && !part.piece.tokens.isEmpty else { continue }
      let choice = Form.part(part.piece, index: part.index, offset: offsets[part.index], scored: scored)
      offsets[part.index] += part.piece.characterCount
      try await writer.write(self.part([choice], isLast: part.piece.finish != nil))
    }
    guard answers.allSatisfy({ $0.finish != nil }) else { throw CancellationError() }
    record.note(answers, texts: logsTexts)
    if streamsUsage {
      try await writer.write(part([], usage: usage(answers.map(\.tokens.count).reduce(0, +))))
    }
    try await writer.write(ByteBuffer(string: "data: [DONE]\n\n"))
  }

  private func part(_ choices: [JSON], usage: JSON? = nil, isLast: Bool = false) -> ByteBuffer {
    var json: JSON = [
      "id": .string(id), "object": .string(Form.partObject), "created": .integer(created), "model": .string(model),
      "choices": .array(choices),
    ]
    // Where usage is asked for, every part has the field.
    if streamsUsage, case .object(var members) = json {
      members["usage"] = usage ?? .null
      json = .object(members)
    }
    return Self.event(isLast ? warned(json) : json)
  }

  private func warned(_ json: JSON) -> JSON {
    guard !warnings.isEmpty, var members = json.object else { return json }
    members["warnings"] = .array(warnings.map(JSON.string))
    return .object(members)
  }

  private static func event(_ json: JSON) -> ByteBuffer { ByteBuffer(string: "data: \(json.text)\n\n") }

  private func usage(_ completionTokens: Int) -> JSON {
    [
      "prompt_tokens": .integer(promptTokens), "completion_tokens": .integer(completionTokens),
      "total_tokens": .integer(promptTokens + completionTokens),
    ]
  }

}

extension GeneratedPiece {
  fileprivate var saysSomething: Bool { !text.isEmpty || !calls.isEmpty || !promptTokens.isEmpty || finish != nil }

  /// How many characters its tokens make.
  fileprivate var characterCount: Int {
    (promptTokens + tokens).reduce(0) { $0 + ($1.isHidden ? 0 : $1.score?.characterCount ?? 0) }
  }

  mutating func append(_ next: GeneratedPiece) {
    text += next.text
    promptTokens += next.promptTokens
    calls += next.calls
    tokens += next.tokens
    finish = next.finish ?? finish
  }
}
