import Hummingbird
import Wording

/// Who may ask for what: the API key, and what keeps other web sites from using a visitor's browser against the server.
struct AccessRules: RouterMiddleware {
  typealias Context = ServingContext

  let apiKey: APIKey?
  /// The names by which clients may call the server.
  let hosts: [String]
  let origins: [String]
  /// How a sentence names settings.
  let says: @Sendable (Wording) -> String

  func handle(_ request: Request, context: ServingContext, next: (Request, ServingContext) async throws -> Response)
    async throws -> Response
  {
    // Browsers ask without a key whether they may send one.
    if request.method == .options, request.headers[.accessControlRequestMethod] != nil {
      return try OriginRules.preflight(request, allowed: origins, says: says)
    }
    if let apiKey {
      guard isOpen(request.uri.path) || apiKey.matches(authorization: request.headers[.authorization]) else {
        throw APIError(
          status: .unauthorized, message: "the API key is missing or wrong; send it as 'Authorization: Bearer KEY'",
          code: "invalid_api_key")
      }
    } else if !isAddressed(request.head.authority) {
      // A foreign name that points here is how web sites reach servers that trust their own machine (DNS rebinding).
      throw APIError(
        status: .misdirectedRequest,
        message: says(
          "the host '\((request.head.authority ?? "").cut(to: 100))' is not this server's; '\(setting: "allow-host") NAME' allows a name"
        ), code: "wrong_host")
    }
    if request.method == .post {
      if let encoding = request.headers[.contentEncoding], encoding.lowercased() != "identity" {
        throw APIError(
          status: .unsupportedMediaType, message: "the body must not be compressed: leave Content-Encoding out",
          code: "unsupported_media_type")
      }
      // Browsers send JSON to another site only where that site allows it, as this one does where it is told to.
      let type = request.headers[.contentType]?.prefix { $0 != ";" }.lowercased()
      guard type?.trimmed == "application/json" else {
        throw APIError(
          status: .unsupportedMediaType, message: "the header Content-Type must be application/json",
          code: "unsupported_media_type")
      }
    }
    return try await next(request, context)
  }

  /// The page asks for the key itself; monitors need none to see that the server lives.
  private func isOpen(_ path: String) -> Bool { path == "/health" || PageFile.all.contains { $0.path == path } }

  /// Whether the name that the client used can only mean this server: an address, `localhost`, or the name that it
  /// listens on.
  private func isAddressed(_ authority: String?) -> Bool {
    guard let authority else { return true }
    if authority.hasPrefix("[") { return true }
    let name = authority.prefix { $0 != ":" }.lowercased()
    return name == "localhost" || hosts.contains { $0.lowercased() == name }
      || name.allSatisfy { $0.isASCII && $0.isNumber || $0 == "." }
  }
}

extension String {
  fileprivate var trimmed: Substring {
    let start = drop { $0 == " " || $0 == "\t" }
    return start.prefix(
      upTo: start.lastIndex { $0 != " " && $0 != "\t" }.map { start.index(after: $0) } ?? start.endIndex)
  }
}
