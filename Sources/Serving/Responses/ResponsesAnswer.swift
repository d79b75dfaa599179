import Foundation
import Hummingbird
import JSON

/// Writes the answer to a request to `/v1/responses`, whole or as a stream of events.
struct ResponsesAnswer: Sendable {
  let model: String
  let job: Generator.Job
  let tools: [JSON]
  let logsTexts: Bool
  let warnings: [String]
  let record: RequestRecord

  private let id = "resp_" + .randomID()
  private let created = Int(Date.now.timeIntervalSince1970)

  init(model: String, jobs: ModelServer.Jobs, tools: [JSON], logsTexts: Bool, record: RequestRecord) {
    self.model = model
    job = jobs.all[0]
    self.tools = tools
    self.logsTexts = logsTexts
    warnings = jobs.warnings
    self.record = record
  }

  /// One JSON object, once everything is there.
  func whole(_ pieces: AsyncThrowingStream<Generator.Piece, any Error>) async throws -> Response {
    var items = ResponsesItems()
    for try await part in pieces {
      record.note(part.piece)
      _ = items.events(part.piece)
    }
    guard items.answer.finish != nil else { throw CancellationError() }
    record.note([items.answer], texts: logsTexts)
    return .json(response(items))
  }

  /// Events, each flushed as its piece comes.
  func stream(_ pieces: AsyncThrowingStream<Generator.Piece, any Error>) -> Response {
    .events(
      record,
      errorEvent: { error in
        Self.event(
          ["type": "error", "code": error.code.map(JSON.string) ?? .null, "message": .string(error.message)], 0)
      },
      { try await write(pieces, to: &$0) })
  }

  private func write(
    _ pieces: AsyncThrowingStream<Generator.Piece, any Error>, to writer: inout any ResponseBodyWriter
  ) async throws {
    var (items, number) = (ResponsesItems(), 0)
    func next(_ events: [JSON]) -> ByteBuffer {
      var buffer = ByteBuffer()
      for event in events {
        buffer.writeImmutableBuffer(Self.event(event, number))
        number += 1
      }
      return buffer
    }
    try await writer.write(
      next(["response.created", "response.in_progress"].map { ["type": $0, "response": response(items)] }))
    for try await part in pieces {
      record.note(part.piece)
      let events = items.events(part.piece)
      if !events.isEmpty { try await writer.write(next(events)) }
    }
    guard let finish = items.answer.finish else { throw CancellationError() }
    record.note([items.answer], texts: logsTexts)
    let type: JSON = finish.isCut ? "response.incomplete" : "response.completed"
    try await writer.write(next([["type": type, "response": response(items)]]))
  }

  private func response(_ items: ResponsesItems) -> JSON {
    let finish = items.answer.finish
    let (input, output) = (job.prompt.count, items.answer.tokens.count)
    var response: TextKeyed<JSON> = [
      "id": .string(id), "object": "response", "created_at": .integer(created),
      "status": finish.map { $0.isCut ? "incomplete" : "completed" } ?? "in_progress", "error": .null,
      "incomplete_details": finish?.isCut == true
        ? ["reason": finish == .length ? "max_output_tokens" : "content_filter"] : .null, "model": .string(model),
      "output": .array(items.all), "max_output_tokens": .integer(job.options.maximumTokens),
      "temperature": .number(job.options.temperature), "top_p": .number(job.options.topP),
      "parallel_tool_calls": true, "tool_choice": job.tools == nil ? "none" : "auto", "tools": .array(tools),
      "text": ["format": ["type": "text"]], "truncation": "disabled", "previous_response_id": .null, "store": false,
      "metadata": [:],
    ]
    response["usage"] =
      finish == nil
      ? .null
      : [
        "input_tokens": .integer(input), "input_tokens_details": ["cached_tokens": 0],
        "output_tokens": .integer(output), "output_tokens_details": ["reasoning_tokens": 0],
        "total_tokens": .integer(input + output),
      ]
    if !warnings.isEmpty { response["warnings"] = .array(warnings.map(JSON.string)) }
    return .object(response)
  }

  private static func event(_ json: JSON, _ number: Int) -> ByteBuffer {
    var members = json.object ?? [:]
    members["sequence_number"] = .integer(number)
    return ByteBuffer(string: "event: \(members["type"]?.string ?? "error")\ndata: \(JSON.object(members).text)\n\n")
  }
}

extension GeneratedPiece.Finish {
  /// Whether the answer goes no further, but the model did not end it.
  fileprivate var isCut: Bool { self == .length || self == .contentFilter }
}
