import HTTPTypes
import Hummingbird
import JSON

extension Response {
  /// Server-sent events, each flushed as it is written. An error that comes while they are written is the last event.
  /// - Parameter errorEvent: the event of an error.
  static func events(
    _ record: RequestRecord, errorEvent: @escaping @Sendable (APIError) -> ByteBuffer,
    _ write: @escaping @Sendable (inout any ResponseBodyWriter) async throws -> Void
  ) -> Response {
    let body = ResponseBody { writer in
      do {
        try await write(&writer)
      } catch let error as APIError {
        record.note { $0.error = error.message }
        try await writer.write(errorEvent(error))
      } catch is CancellationError {
        throw CancellationError()
      } catch {
        record.note { $0.error = "\(error)" }
        try await writer.write(errorEvent(.unexpected))
      }
      try await writer.finish(nil)
    }
    return Response(
      status: .ok,
      headers: [
        .contentType: "text/event-stream; charset=utf-8", .cacheControl: "no-cache",
        // Proxies would collect the events otherwise.
        .accelBuffering: "no",
      ], body: body)
  }
}

extension HTTPField.Name {
  fileprivate static var accelBuffering: Self {
    // The name is a valid one.
    Self("X-Accel-Buffering") ?? .cacheControl
  }
}
