import Hummingbird
import NIOCore
import NIOHTTP1

extension ModelServer {
  /// Answers a request by its body's fields; the body counts as held until the answer is there, or begins to stream.
  func withBody<Read: Sendable>(
    of request: Request, _ context: ServingContext, _ read: @escaping @Sendable (RequestFields) throws -> Read,
    _ answer: (Read) async throws -> Response
  ) async throws -> Response {
    var held = 0
    defer { bodies.release(held) }
    let bytes = try await bytes(of: request, held: &held)
    return try await answer(self.read(for: context) { try read(RequestFields(body: bytes)) })
  }

  /// The whole body.
  /// - Throws: `APIError` for a body that is too long, or shorter than its header says; `CancellationError` where the client
  ///   has gone.
  private func bytes(of request: Request, held: inout Int) async throws -> [UInt8] {
    let limit = settings.maximumBodyBytes
    let tooLarge = APIError(
      status: .contentTooLarge, message: says("the body is longer than \(limit) bytes (\(setting: "max-body"))"),
      code: "body_too_large")
    let expected = request.headers[.contentLength].flatMap { Int($0) }
    guard expected ?? 0 <= limit else { throw tooLarge }
    var bytes: [UInt8] = []
    do {
      for try await buffer in request.body {
        guard bytes.count + buffer.readableBytes <= limit else { throw tooLarge }
        try bodies.hold(buffer.readableBytes)
        held += buffer.readableBytes
        bytes.append(contentsOf: buffer.readableBytesView)
      }
    } catch let error as APIError {
      throw error
    } catch HTTPParserError.invalidEOFState {
      throw CancellationError()
    } catch let error as HTTPParserError {
      throw APIError.invalid("the body is not as HTTP has it: \(error)")
    } catch {
      // What cannot be read any more has nobody who waits.
      throw CancellationError()
    }
    guard expected ?? bytes.count == bytes.count else {
      throw APIError.invalid("the body ends after \(bytes.count) of \(expected ?? 0) bytes")
    }
    return bytes
  }
}
