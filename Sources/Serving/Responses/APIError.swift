import HTTPTypes
import JSON

/// An error that a client is told, in the form of OpenAI's.
struct APIError: Error, CustomStringConvertible, Equatable {
  let status: HTTPResponse.Status
  let message: String
  /// The field of the request that is at fault.
  var field: String?
  /// A word for programs.
  var code: String?
  /// Seconds after which to try again.
  var retryAfter: Int?
  /// The method that the path takes instead.
  var allow: String?

  var description: String { message }

  /// A request that is wrong in itself.
  static func invalid(_ message: String, field: String? = nil, code: String? = nil) -> APIError {
    APIError(status: .badRequest, message: message, field: field, code: code)
  }

  /// An answer that is not done in its time.
  static func late(_ time: Duration) -> APIError {
    APIError(
      status: .gatewayTimeout, message: "the answer took longer than \(time.components.seconds) s", code: "timeout")
  }

  var json: JSON {
    let type =
      switch status.code {
      case 401, 403: "authentication_error"
      case 429: "rate_limit_error"
      case 500...: "server_error"
      default: "invalid_request_error"
      }
    return [
      "error": [
        "message": .string(message.cut(to: 1000)), "type": .string(type), "param": field.map(JSON.string) ?? .null,
        "code": code.map(JSON.string) ?? .null,
      ]
    ]
  }
}
