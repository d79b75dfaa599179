import Hummingbird
import JSON
import Logging

/// Turns errors into responses, and writes one entry of the log for each request once its last byte is sent.
struct AccessLog: RouterMiddleware {
  typealias Context = ServingContext

  /// What some paths take, for those who use another method.
  private static let methods: TextKeyed = [
    "/v1/chat/completions": "POST", "/v1/completions": "POST", "/v1/responses": "POST", "/v1/models": "GET",
    "/v1/moderations": "POST", "/v1/score": "POST",
    "/votes": "GET, POST",
    "/ratings": "GET, POST",
    "/health": "GET", "/metrics": "GET", "/": "GET",
  ]

  let metrics: ServerMetrics
  let log: Logger

  func handle(_ request: Request, context: ServingContext, next: (Request, ServingContext) async throws -> Response)
    async throws -> Response
  {
    var response: Response
    do {
      response = try await next(request, context)
    } catch {
      let told = self.told(error, request)
      context.record.note { $0.error = told == .unexpected ? "\(error)" : told.message }
      response = .error(told)
      if told.status.code == Self.clientClosed {
        // Nothing of it will be written.
        finish(request, context, status: Self.clientClosed)
        return response
      }
    }
    response.headers[.xContentTypeOptions] = "nosniff"
    let (status, body) = (response.status.code, response.body)
    response.body = ResponseBody(contentLength: body.contentLength) { writer in
      do { try await body.write(writer) } catch {
        finish(request, context, status: Self.clientClosed)
        throw error
      }
      finish(request, context, status: status)
    }
    return response
  }

  /// What a client is told of an error.
  private func told(_ error: any Error, _ request: Request) -> APIError {
    switch error {
    case let error as APIError: return error
    case is CancellationError:
      return APIError(status: .init(code: Self.clientClosed), message: "the client went away", code: "client_closed")
    case let error as HTTPError where error.status == .notFound:
      if let allow = Self.methods[request.uri.path] {
        return APIError(
          status: .methodNotAllowed,
          message: "\(request.uri.path) takes \(allow), not \(request.method.rawValue.cut(to: 20))",
          allow: allow)
      }
      return APIError(
        status: .notFound, message: "there is nothing at \(request.uri.path.cut(to: 200))", code: "not_found")
    default: return .unexpected
    }
  }

  /// nginx's status for a client that went away before the end.
  private static let clientClosed = 499

  private func finish(_ request: Request, _ context: ServingContext, status: Int) {
    let notes = context.record.current
    let seconds = Self.seconds(since: context.record.start)
    let firstToken = notes.firstToken.map { ($0 - context.record.start) / .seconds(1) }
    // Only known paths are counted: others are without end.
    metrics.count(
      path: context.endpointPath ?? "NotFound", status: status, seconds: seconds, notes: notes, firstToken: firstToken)
    var metadata: Logger.Metadata = [
      "method": "\(request.method.rawValue.cut(to: 20))", "path": "\(request.uri.path.cut(to: 200))",
      "status": .stringConvertible(status),
      "seconds": .stringConvertible((seconds * 1e4).rounded() / 1e4),
    ]
    if let address = context.channel.remoteAddress?.ipAddress { metadata["client"] = "\(address)" }
    if let model = notes.model {
      metadata["model"] = "\(model)"
      metadata["prompt_tokens"] = .stringConvertible(notes.promptTokens)
      metadata["completion_tokens"] = .stringConvertible(notes.completionTokens)
      metadata["finish"] = .array(notes.finishes.map { "\($0)" })
    }
    if let prompt = notes.prompt { metadata["prompt"] = "\(prompt)" }
    if !notes.answers.isEmpty { metadata["answers"] = .array(notes.answers.map { "\($0)" }) }
    if !notes.warnings.isEmpty { metadata["warnings"] = .array(notes.warnings.map { "\($0)" }) }
    for (name, count) in notes.moderation where count > 0 { metadata[name] = .stringConvertible(count) }
    if let error = notes.error { metadata["error"] = "\(error.cut(to: 1000))" }
    log.log(level: status >= 500 ? .error : .info, "request", metadata: metadata)
  }

  private static func seconds(since start: ContinuousClock.Instant) -> Double { (.now - start) / .seconds(1) }
}
