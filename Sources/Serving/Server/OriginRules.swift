import Hummingbird
import Wording

/// Lets scripts of web sites that are allowed by name read the answers.
struct OriginRules: RouterMiddleware {
  typealias Context = ServingContext

  let allowed: [String]

  func handle(_ request: Request, context: ServingContext, next: (Request, ServingContext) async throws -> Response)
    async throws -> Response
  {
    var response = try await next(request, context)
    if let origin = request.headers[.origin], Self.isAllowed(origin, allowed) {
      response.headers[.accessControlAllowOrigin] = origin
      response.headers[.vary] = "Origin"
    }
    return response
  }

  static func isAllowed(_ origin: String, _ allowed: [String]) -> Bool {
    allowed.contains { $0 == "*" || $0.lowercased() == origin.lowercased() }
  }

  /// The answer to a browser that asks whether a site may use the server.
  static func preflight(
    _ request: Request, allowed: [String], says: (Wording) -> String
  ) throws(APIError) -> Response {
    let origin = request.headers[.origin] ?? ""
    guard isAllowed(origin, allowed) else {
      throw APIError(
        status: .forbidden,
        message: says(
          "the origin '\(origin.cut(to: 100))' is not allowed; '\(setting: "allow-origin") ORIGIN' allows one"),
        code: "wrong_origin")
    }
    var response = Response(status: .noContent)
    response.headers[.accessControlAllowMethods] = "GET, POST"
    response.headers[.accessControlAllowHeaders] =
      request.headers[.accessControlRequestHeaders] ?? "Authorization, Content-Type"
    response.headers[.accessControlMaxAge] = "600"
    return response
  }
}
