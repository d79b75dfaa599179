import HTTPTypes
import NIOCore
import NIOHTTPTypes
import NIOHTTPTypesHTTP1

/// Ends connections that would hold resources for nothing: a client that went away, that sends its request too slowly,
/// or that does not take what it is sent.
final class ConnectionGuard: ChannelDuplexHandler, RemovableChannelHandler {
  typealias InboundIn = HTTPRequestPart
  typealias InboundOut = HTTPRequestPart
  typealias OutboundIn = HTTPResponsePart
  typealias OutboundOut = HTTPResponsePart

  private let time: TimeAmount
  private let maximumBodyBytes: Int
  private let connections: ConnectionCount
  /// The client's address, while it is counted.
  private var client: String?
  /// Runs while a request's head is on its way.
  private var head: HeadClock?
  /// Requests whose answers have not ended.
  private var openCount = 0
  /// Runs while a request's body is on its way.
  private var receiving: Scheduled<Void>?
  /// Runs while the client takes nothing of what waits for it.
  private var sending: Scheduled<Void>?
  /// Whether an answer's head has been written and its end has not.
  private var isAnswering = false

  init(time: Duration, maximumBodyBytes: Int, connections: ConnectionCount) {
    self.time = TimeAmount(time)
    self.maximumBodyBytes = maximumBodyBytes
    self.connections = connections
  }

  func handlerAdded(context: ChannelHandlerContext) {
    let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
    let clock = HeadClock(time: time) { bound.value.0.refuseSlowRequest(bound.value.1) }
    head = clock
    do {
      let pipeline = context.pipeline.syncOperations
      try pipeline.addHandler(clock, position: .first)
      let codec = try pipeline.handler(type: HTTP1ToHTTPServerCodec.self)
      try pipeline.addHandler(RequestGate(maximumBodyBytes: maximumBodyBytes), position: .before(codec))
    } catch {
      return context.close(promise: nil)
    }
    guard let address = context.channel.remoteAddress?.ipAddress else { return }
    client = address
    if !connections.enter(address) { refuse(context, .tooManyRequests) }
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    switch unwrapInboundIn(data) {
    case .head:
      openCount += 1
      head?.isBetweenRequests = false
      receiving?.cancel()
      receiving = schedule(context) { handler, context in handler.refuseSlowRequest(context) }
    case .body: break
    case .end:
      receiving?.cancel()
      receiving = nil
    }
    context.fireChannelRead(data)
  }

  func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
    switch unwrapOutboundIn(data) {
    case .head: isAnswering = true
    case .body: break
    case .end:
      isAnswering = false
      openCount -= 1
      if openCount <= 0 { head?.isBetweenRequests = true }
    }
    context.write(data, promise: promise)
  }

  func close(context: ChannelHandlerContext, mode: CloseMode, promise: EventLoopPromise<Void>?) {
    // An idle connection is closed, but one that brings half a head is told why.
    guard mode == .all, openCount == 0, let head, head.isRunning else {
      return context.close(mode: mode, promise: promise)
    }
    head.isBetweenRequests = false
    refuse(context, .requestTimeout, promise)
  }

  func channelWritabilityChanged(context: ChannelHandlerContext) {
    sending?.cancel()
    sending = context.channel.isWritable ? nil : schedule(context) { $1.close(promise: nil) }
    context.fireChannelWritabilityChanged()
  }

  func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
    // Nobody waits for an answer and cannot hear it: a client that stops sending has gone.
    if case ChannelEvent.inputClosed? = event as? ChannelEvent {
      context.close(promise: nil)
    } else {
      context.fireUserInboundEventTriggered(event)
    }
  }

  func channelInactive(context: ChannelHandlerContext) {
    receiving?.cancel()
    sending?.cancel()
    head?.isBetweenRequests = false
    if let client { connections.leave(client) }
    client = nil
    context.fireChannelInactive()
  }

  private func refuseSlowRequest(_ context: ChannelHandlerContext) {
    guard !isAnswering else { return context.close(promise: nil) }
    refuse(context, .requestTimeout)
  }

  private func refuse(
    _ context: ChannelHandlerContext, _ status: HTTPResponse.Status, _ promise: EventLoopPromise<Void>? = nil
  ) {
    let head = HTTPResponse(status: status, headerFields: [.connection: "close", .contentLength: "0"])
    context.write(wrapOutboundOut(.head(head)), promise: nil)
    let bound = NIOLoopBound(context, eventLoop: context.eventLoop)
    context.writeAndFlush(wrapOutboundOut(.end(nil))).whenComplete { _ in bound.value.close(promise: promise) }
  }

  private func schedule(
    _ context: ChannelHandlerContext, _ action: @escaping @Sendable (ConnectionGuard, ChannelHandlerContext) -> Void
  ) -> Scheduled<Void> {
    let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
    return context.eventLoop.scheduleTask(in: time) { action(bound.value.0, bound.value.1) }
  }
}
