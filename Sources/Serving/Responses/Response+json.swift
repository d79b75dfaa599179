import Hummingbird
import JSON

extension Response {
  /// A response whose body is a JSON value.
  static func json(_ json: JSON, status: HTTPResponse.Status = .ok) -> Response {
    Response(
      status: status, headers: [.contentType: "application/json; charset=utf-8"],
      body: ResponseBody(byteBuffer: ByteBuffer(string: json.text)))
  }

  /// The response to a request that failed.
  static func error(_ error: APIError) -> Response {
    var response = json(error.json, status: error.status)
    if let seconds = error.retryAfter { response.headers[.retryAfter] = String(seconds) }
    if let allow = error.allow { response.headers[.allow] = allow }
    if error.status == .unauthorized { response.headers[.wwwAuthenticate] = "Bearer" }
    return response
  }
}

extension APIError {
  /// What a client is told of an error that is none of its business; the log has the rest.
  static let unexpected = APIError(
    status: .internalServerError, message: "the server could not answer; its log says why", code: "internal_error")
}
