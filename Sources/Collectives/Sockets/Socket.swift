import Foundation

/// A TCP connection, or what waits for some. It closes with its last owner.
final class Socket: @unchecked Sendable {
  let descriptor: Int32

  init(_ descriptor: Int32) { self.descriptor = descriptor }

  deinit { close(descriptor) }

  /// Waits for connections at a port of all addresses; nil where another program has it. 0 is any.
  static func listening(at port: Int) -> Socket? {
    first(of: nil, port: port) { socket, address in
      socket.set(SOL_SOCKET, SO_REUSEADDR, 1)
      // IPv6 takes IPv4's connections too.
      if address.ai_family == AF_INET6 { socket.set(Int32(IPPROTO_IPV6), IPV6_V6ONLY, 0) }
      return bind(socket.descriptor, address.ai_addr, address.ai_addrlen) == 0 && listen(socket.descriptor, 1024) == 0
    }
  }

  /// Connects to a host; nil where nobody listens there.
  static func connected(to host: String, port: Int) -> Socket? {
    first(of: host, port: port) { connect($0.descriptor, $1.ai_addr, $1.ai_addrlen) == 0 }
  }

  /// The first socket that can be used with one of a host's addresses; of no host, with all of this one's, those of IPv6 first.
  private static func first(of host: String?, port: Int, where isUsable: (Socket, addrinfo) -> Bool) -> Socket? {
    var hints = addrinfo()
    hints.ai_socktype = streamType
    if host == nil { hints.ai_flags = Int32(AI_PASSIVE) }
    var list: UnsafeMutablePointer<addrinfo>?
    guard getaddrinfo(host, String(port), &hints, &list) == 0 else { return nil }
    defer { freeaddrinfo(list) }
    let found = sequence(first: list, next: { $0?.pointee.ai_next }).compactMap { $0?.pointee }
    let ordered =
      host == nil ? found.filter { $0.ai_family == AF_INET6 } + found.filter { $0.ai_family != AF_INET6 } : found
    for address in ordered {
      let descriptor = socket(address.ai_family, address.ai_socktype, address.ai_protocol)
      guard descriptor >= 0 else { continue }
      let socket = Socket(descriptor)
      if isUsable(socket, address) { return socket }
    }
    return nil
  }

  /// The next connection, within some milliseconds.
  func accepted(within milliseconds: Int32) -> Socket? {
    var waiting = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
    guard poll(&waiting, 1, milliseconds) == 1 else { return nil }
    let connection = accept(descriptor, nil, nil)
    return connection < 0 ? nil : Socket(connection)
  }

  /// The port that it listens at.
  var port: Int { address(getsockname).flatMap { Int($0.port) } ?? 0 }

  /// The address of the other side, without its port.
  var peer: String { address(getpeername)?.host ?? "" }

  private func address(
    _ ask: (Int32, UnsafeMutablePointer<sockaddr>, UnsafeMutablePointer<socklen_t>) -> Int32
  ) -> (host: String, port: String)? {
    var storage = sockaddr_storage()
    var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
    var (host, port) = ([CChar](repeating: 0, count: 1025), [CChar](repeating: 0, count: 32))
    let status = withUnsafeMutablePointer(to: &storage) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { address -> Int32 in
        guard ask(descriptor, address, &length) == 0 else { return -1 }
        return getnameinfo(
          address, length, &host, socklen_t(host.count), &port, socklen_t(port.count), NI_NUMERICHOST | NI_NUMERICSERV)
      }
    }
    func text(_ characters: [CChar]) -> String {
      String(decoding: characters.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
    return status == 0 ? (text(host), text(port)) : nil
  }

  /// Makes it one of many that are asked in turn, and that notices within a minute where a link is cut.
  func becomeCarrier() {
    _ = fcntl(descriptor, F_SETFL, fcntl(descriptor, F_GETFL) | O_NONBLOCK)
    _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
    set(Int32(IPPROTO_TCP), TCP_NODELAY, 1)
    set(SOL_SOCKET, SO_KEEPALIVE, 1)
    #if os(Linux)
      set(Int32(IPPROTO_TCP), TCP_KEEPIDLE, 10)
      set(Int32(IPPROTO_TCP), TCP_KEEPINTVL, 5)
      set(Int32(IPPROTO_TCP), TCP_KEEPCNT, 4)
      // TCP_USER_TIMEOUT: milliseconds that what was sent may stay without an answer.
      set(Int32(IPPROTO_TCP), 18, 30_000)
    #else
      set(SOL_SOCKET, SO_NOSIGPIPE, 1)
    #endif
  }

  private func set(_ level: Int32, _ option: Int32, _ value: Int32) {
    var value = value
    setsockopt(descriptor, level, option, &value, socklen_t(MemoryLayout<Int32>.size))
  }

  /// Sends some bytes; 0 where there is no room now, nil where the other side has gone.
  func send(_ bytes: UnsafeRawBufferPointer) -> Int? {
    #if os(Linux)
      let flags = Int32(MSG_NOSIGNAL)
    #else
      let flags: Int32 = 0
    #endif
    return outcome(Foundation.send(descriptor, bytes.baseAddress, bytes.count, flags))
  }

  /// Receives some bytes; 0 where none are here yet, nil where the other side has gone.
  func receive(_ room: UnsafeMutableRawBufferPointer) -> Int? {
    let count = recv(descriptor, room.baseAddress, room.count, 0)
    return count == 0 ? nil : outcome(count)
  }

  private func outcome(_ count: Int) -> Int? {
    if count >= 0 { return count }
    return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR ? 0 : nil
  }
}

#if os(Linux)
  private let streamType = Int32(SOCK_STREAM.rawValue)
#else
  private let streamType = SOCK_STREAM
#endif
