import Hummingbird
import NIOCore

extension Request {
  /// The whole body.
  /// - Throws: `APIError` for a body that is longer than `limit` or shorter than its header says.
  func bytes(upTo limit: Int) async throws -> [UInt8] {
    let tooLarge = APIError(
      status: .contentTooLarge, message: "the body is longer than \(limit) bytes", code: "body_too_large")
    let expected = headers[.contentLength].flatMap { Int($0) }
    guard expected ?? 0 <= limit else { throw tooLarge }
    var bytes: [UInt8] = []
    for try await buffer in body {
      guard bytes.count + buffer.readableBytes <= limit else { throw tooLarge }
      bytes.append(contentsOf: buffer.readableBytesView)
    }
    guard expected ?? bytes.count == bytes.count else {
      throw APIError.invalid("the body ends after \(bytes.count) of \(expected ?? 0) bytes")
    }
    return bytes
  }
}
