import NIOCore
import NIOHTTP1
import NIOPosix
import Synchronization

/// An HTTP server on this machine that answers as a test says, and remembers what it was asked. It runs until the tests
/// end.
package final class TestHub: Sendable {
  /// `http://127.0.0.1:PORT`.
  package let address: String
  private let log: Log

  /// What was asked so far.
  package var requests: [Request] { log.requests.withLock(\.self) }

  /// Starts a server.
  package init(_ answer: @escaping @Sendable (Request) -> Answer) async throws {
    let log = Log()
    let channel = try await ServerBootstrap(group: .singletonMultiThreadedEventLoopGroup)
      .serverChannelOption(.backlog, value: 64)
      .childChannelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          try channel.pipeline.syncOperations.configureHTTPServerPipeline(withErrorHandling: true)
          try channel.pipeline.syncOperations.addHandler(
            AnswerHandler { request in
              log.requests.withLock { $0.append(request) }
              return answer(request)
            })
        }
      }
      .bind(host: "127.0.0.1", port: 0).get()
    address = "http://127.0.0.1:\(channel.localAddress?.port ?? 0)"
    self.log = log
  }

  private final class Log: Sendable {
    let requests = Mutex<[Request]>([])
  }
}
