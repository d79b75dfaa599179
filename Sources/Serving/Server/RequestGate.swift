import Foundation
import NIOCore
import NIOHTTP1

/// What HTTP asks of a server before a request means anything: old versions, expectations, heads that are wrong or too long.
final class RequestGate: ChannelDuplexHandler, RemovableChannelHandler {
  typealias InboundIn = HTTPServerRequestPart
  typealias InboundOut = HTTPServerRequestPart
  typealias OutboundIn = HTTPServerResponsePart
  typealias OutboundOut = HTTPServerResponsePart

  private let maximumBodyBytes: Int
  private var isOld = false
  private var isAnswering = false
  /// Whether the connection is being closed, so that nothing more of it matters.
  private var isRefused = false

  init(maximumBodyBytes: Int) { self.maximumBodyBytes = maximumBodyBytes }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    guard !isRefused else { return }
    guard case .head(var head) = unwrapInboundIn(data) else { return context.fireChannelRead(data) }
    if head.headers["Host"].count > 1 { return refuse(context, .badRequest, "there is more than one header Host") }
    // HTTP/1.0 knows an answer's end by the connection's.
    isOld = head.version.major < 1 || head.version == .http1_0
    if isOld { head.headers.replaceOrAdd(name: "Connection", value: "close") }
    // Clients whose base URL ends in a slash put another before the path.
    if head.uri.hasPrefix("//") { head.uri = "/" + head.uri.drop { $0 == "/" } }
    if let expected = head.headers.first(name: "Expect") {
      guard expected.lowercased() == "100-continue" else {
        return refuse(context, .expectationFailed, "the only expectation that is understood is 100-continue")
      }
      // A body that is too long is refused before it is sent.
      let length = head.headers.first(name: "Content-Length").flatMap { Int($0) } ?? 0
      if !isOld, !isAnswering, length <= maximumBodyBytes {
        context.writeAndFlush(wrapOutboundOut(.head(.init(version: .http1_1, status: .continue))), promise: nil)
      }
    }
    context.fireChannelRead(wrapInboundOut(.head(head)))
  }

  func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
    // The one answer of a refused connection is written already.
    guard !isRefused else { return promise?.fail(ChannelError.ioOnClosedChannel) ?? () }
    switch unwrapOutboundIn(data) {
    case .head(var head):
      isAnswering = true
      guard isOld else { break }
      head.version = .http1_0
      head.headers.replaceOrAdd(name: "Connection", value: "close")
      return context.write(wrapOutboundOut(.head(head)), promise: promise)
    case .body: break
    case .end: isAnswering = false
    }
    context.write(data, promise: promise)
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    guard case HTTPParserError.headerOverflow = error, !isRefused else { return context.fireErrorCaught(error) }
    refuse(context, .requestHeaderFieldsTooLarge, "the request's headers are too long")
  }

  /// Answers with an error and closes, in that order: an answer to a client that still sends would be lost otherwise.
  private func refuse(_ context: ChannelHandlerContext, _ status: HTTPResponseStatus, _ message: String) {
    isRefused = true
    guard !isAnswering else { return context.close(promise: nil) }
    let error = APIError(status: .init(code: Int(status.code)), message: message)
    let body = ByteBuffer(string: error.json.text)
    let headers: HTTPHeaders = [
      "Connection": "close", "Content-Type": "application/json; charset=utf-8",
      "Content-Length": String(body.readableBytes),
    ]
    context.write(wrapOutboundOut(.head(.init(version: .http1_1, status: status, headers: headers))), promise: nil)
    context.write(wrapOutboundOut(.body(.byteBuffer(body))), promise: nil)
    context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
    context.close(mode: .output, promise: nil)
    let bound = NIOLoopBound(context, eventLoop: context.eventLoop)
    context.eventLoop.scheduleTask(in: .seconds(1)) { bound.value.close(promise: nil) }
  }
}
