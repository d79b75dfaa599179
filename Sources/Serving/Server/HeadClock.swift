import NIOCore

/// Notes when the first byte of a request comes, which may be long before its head is whole.
final class HeadClock: ChannelInboundHandler, RemovableChannelHandler {
  typealias InboundIn = ByteBuffer
  typealias InboundOut = ByteBuffer

  private let time: TimeAmount
  private let onTimeout: @Sendable () -> Void
  private var timeout: Scheduled<Void>?
  /// Whether the bytes that come belong to no request yet.
  var isBetweenRequests = true {
    didSet {
      timeout?.cancel()
      timeout = nil
    }
  }

  /// Whether a part of a head has come.
  var isRunning: Bool { timeout != nil }

  init(time: TimeAmount, onTimeout: @escaping @Sendable () -> Void) {
    self.time = time
    self.onTimeout = onTimeout
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    if isBetweenRequests, timeout == nil { timeout = context.eventLoop.scheduleTask(in: time, onTimeout) }
    context.fireChannelRead(data)
  }

  func channelInactive(context: ChannelHandlerContext) {
    isBetweenRequests = false
    context.fireChannelInactive()
  }
}
