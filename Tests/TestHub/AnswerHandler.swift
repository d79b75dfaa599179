import NIOCore
import NIOHTTP1

/// Sends the answers of a `TestHub`.
final class AnswerHandler: ChannelInboundHandler {
  typealias InboundIn = HTTPServerRequestPart
  typealias OutboundOut = HTTPServerResponsePart

  private let answer: @Sendable (Request) -> Answer
  private var head: HTTPRequestHead?
  private var body: [UInt8] = []

  init(_ answer: @escaping @Sendable (Request) -> Answer) { self.answer = answer }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    switch unwrapInboundIn(data) {
    case .head(let head): (self.head, body) = (head, [])
    case .body(let part): body += Array(buffer: part)
    case .end:
      guard let head else { return }
      Self.send(answer(Request(head, body: body)), to: context.channel)
    }
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }

  private static func send(_ answer: Answer, to channel: any Channel) {
    var headers = HTTPHeaders(answer.headers.map { ($0.key, $0.value) })
    if let length = answer.length {
      headers.add(name: "content-length", value: String(length))
    } else {
      headers.add(name: "transfer-encoding", value: "chunked")
    }
    let status = HTTPResponseStatus(statusCode: answer.status)
    channel.write(HTTPServerResponsePart.head(.init(version: .http1_1, status: status, headers: headers)), promise: nil)
    let sent = channel.writeAndFlush(HTTPServerResponsePart.body(.byteBuffer(ByteBuffer(bytes: answer.body))))
    switch answer.ending {
    case .proper: channel.writeAndFlush(HTTPServerResponsePart.end(nil), promise: nil)
    case .cut: sent.whenComplete { _ in channel.close(promise: nil) }
    case .silence: break
    case .again: sent.whenSuccess { repeatBody(answer.body, to: channel) }
    }
  }

  private static func repeatBody(_ body: [UInt8], to channel: any Channel) {
    channel.writeAndFlush(HTTPServerResponsePart.body(.byteBuffer(ByteBuffer(bytes: body)))).whenSuccess {
      channel.eventLoop.execute { repeatBody(body, to: channel) }
    }
  }
}
