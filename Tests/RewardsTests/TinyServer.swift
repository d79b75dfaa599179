import Foundation

/// A server on this machine that answers requests one after the other as told, each on a connection of its own; it ends
/// with the test.
final class TinyServer: @unchecked Sendable {
  /// What it has been asked: the bodies, in their order.
  private(set) var bodies: [String] = []
  /// Where it is.
  private(set) var address = ""
  private let listener: Int32
  private let lock = NSLock()

  /// - Parameter replies: what is sent back, byte for byte; nothing for an empty one, and the connection stays open. The last is repeated.
  init(_ replies: [String]) throws {
    #if canImport(Darwin)
      listener = socket(AF_INET, SOCK_STREAM, 0)
    #else
      listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    #endif
    var place = sockaddr_in()
    place.sin_family = sa_family_t(AF_INET)
    place.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    var size = socklen_t(MemoryLayout<sockaddr_in>.size)
    let isBound = withUnsafeMutablePointer(to: &place) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(listener, $0, size) == 0 && listen(listener, 8) == 0 && getsockname(listener, $0, &size) == 0
      }
    }
    guard isBound else { throw CocoaError(.fileNoSuchFile) }
    address = "http://127.0.0.1:\(UInt16(bigEndian: place.sin_port))/rewards"
    let thread = Thread { [listener, weak self] in
      var count = 0
      while case let connection = accept(listener, nil, nil), connection >= 0 {
        guard let body = Self.body(from: connection) else {
          close(connection)
          continue
        }
        self?.add(body)
        let reply = Array(replies[min(count, replies.count - 1)].utf8)
        count += 1
        if reply.isEmpty { continue }
        #if canImport(Darwin)
          _ = send(connection, reply, reply.count, 0)
        #else
          _ = send(connection, reply, reply.count, Int32(MSG_NOSIGNAL))
        #endif
        close(connection)
      }
      close(listener)
    }
    thread.start()
  }

  // Its thread closes it, since the number would be another server's at once.
  deinit { shutdown(listener, Int32(SHUT_RDWR)) }

  /// A reply with a body.
  static func reply(_ body: String, status: String = "200 OK") -> String {
    "HTTP/1.1 \(status)\r\nContent-Length: \(body.utf8.count)\r\nConnection: close\r\n\r\n\(body)"
  }

  private func add(_ body: String) { lock.withLock { bodies.append(body) } }

  private static func body(from connection: Int32) -> String? {
    var received = Data()
    while true {
      if let end = received.range(of: Data("\r\n\r\n".utf8)) {
        let head = String(decoding: received[..<end.lowerBound], as: UTF8.self)
        let length = head.firstMatch(of: /Content-Length: (\d+)/).flatMap { Int($0.1) } ?? 0
        if received.count - end.upperBound >= length {
          return String(decoding: received[end.upperBound...], as: UTF8.self)
        }
      }
      var part = [UInt8](repeating: 0, count: 1 << 16)
      let count = read(connection, &part, part.count)
      guard count > 0 else { return nil }
      received += part[..<count]
    }
  }
}
