import NIOCore
import NIOPosix
import Synchronization

/// A proxy on this machine that connects to one server, whatever host it is asked for, and remembers what it was asked.
package final class TestProxy: Sendable {
  /// `127.0.0.1:PORT`.
  package let address: String
  private let log: Log

  /// The heads of the requests so far.
  package var requests: [String] { log.requests.withLock(\.self) }

  /// Starts a proxy to a server at `http://127.0.0.1:PORT`.
  /// - Parameter credentials: what it asks for, as `Basic …`; nil for nothing.
  package init(to server: String, credentials: String? = nil) async throws {
    let log = Log()
    let port = Int(server.split(separator: ":").last ?? "") ?? 0
    let channel = try await ServerBootstrap(group: .singletonMultiThreadedEventLoopGroup)
      .childChannelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          try channel.pipeline.syncOperations.addHandler(
            ConnectHandler(port: port) { head in
              log.requests.withLock { $0.append(head) }
              return credentials.map { head.lowercased().contains("proxy-authorization: \($0)\r\n".lowercased()) }
                ?? true
            })
        }
      }
      .bind(host: "127.0.0.1", port: 0).get()
    address = "127.0.0.1:\(channel.localAddress?.port ?? 0)"
    self.log = log
  }

  private final class Log: Sendable {
    let requests = Mutex<[String]>([])
  }
}

/// Answers a CONNECT, and then hands bytes on to the server.
private final class ConnectHandler: ChannelInboundHandler {
  typealias InboundIn = ByteBuffer
  typealias OutboundOut = ByteBuffer

  private let port: Int
  private let allows: @Sendable (String) -> Bool
  private var head = ""
  private var server: (any Channel)?

  init(port: Int, allows: @escaping @Sendable (String) -> Bool) {
    self.port = port
    self.allows = allows
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    let bytes = unwrapInboundIn(data)
    if let server { return server.writeAndFlush(bytes, promise: nil) }
    head += String(buffer: bytes)
    guard head.hasSuffix("\r\n\r\n") else { return }
    let client = context.channel
    guard allows(head) else {
      let refusal = ByteBuffer(string: "HTTP/1.1 407 Proxy Authentication Required\r\ncontent-length: 0\r\n\r\n")
      return client.writeAndFlush(refusal, promise: nil)
    }
    let isThere = ClientBootstrap(group: context.eventLoop)
      .channelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          try channel.pipeline.syncOperations.addHandler(BackHandler(client))
        }
      }
      .connect(host: "127.0.0.1", port: port)
    isThere.assumeIsolated().whenSuccess { server in
      self.server = server
      client.writeAndFlush(ByteBuffer(string: "HTTP/1.1 200 OK\r\n\r\n"), promise: nil)
    }
  }

  func channelInactive(context: ChannelHandlerContext) { server?.close(promise: nil) }
}

/// Hands the server's bytes back.
private final class BackHandler: ChannelInboundHandler {
  typealias InboundIn = ByteBuffer
  private let client: any Channel

  init(_ client: any Channel) { self.client = client }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    client.writeAndFlush(unwrapInboundIn(data), promise: nil)
  }

  func channelInactive(context: ChannelHandlerContext) { client.close(promise: nil) }
}
