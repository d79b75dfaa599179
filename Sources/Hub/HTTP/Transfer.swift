import CCurl
import Foundation
import Parallel
import Synchronization

/// One request on its way. A thread of its own receives the answer, and waits where the reader is behind.
final class Transfer: @unchecked Sendable {
  /// So many parts may wait for their reader, each of at most `longestPart` bytes.
  private static let mostParts = 4
  static let longestPart = 128 << 10
  /// The longest head of an answer.
  private static let longestHead = 256 << 10

  private let parts: AsyncThrowingStream<HTTPResponse.Part, any Error>.Continuation
  private let room = DispatchSemaphore(value: 0)
  private let isLeft = Atomic(false)
  private let silence: Duration
  private let handle: CurlHandle
  private let sending: HTTPRequest.Sending?

  // The receiving thread's own.
  private var headers = HTTPHeaders()
  private var headCount = 0
  private var isBody = false
  /// When the server last sent something, or took something.
  private var lastSign = ContinuousClock.now
  private var sent = 0
  private var failure: NetworkError?

  private init(
    _ handle: CurlHandle, sending: HTTPRequest.Sending?, silence: Duration,
    to parts: AsyncThrowingStream<HTTPResponse.Part, any Error>.Continuation
  ) {
    (self.handle, self.sending, self.silence, self.parts) = (handle, sending, silence, parts)
    for _ in 0..<Self.mostParts { room.signal() }
    parts.onTermination = { _ in
      self.isLeft.store(true, ordering: .relaxed)
      self.room.signal()
    }
  }

  /// Sends what a handle is set to ask.
  /// - Parameter end: gets the handle back.
  /// - Returns: the answer, when its head is there.
  /// - Throws: `NetworkError`; `CancellationError`.
  static func start(
    _ handle: CurlHandle, sending: HTTPRequest.Sending? = nil, silence: Duration, end: @escaping @Sendable () -> Void
  ) async throws -> HTTPResponse {
    let (stream, parts) = AsyncThrowingStream.makeStream(of: HTTPResponse.Part.self)
    let transfer = Transfer(handle, sending: sending, silence: silence, to: parts)
    let thread = startThread {
      transfer.receive()
      end()
      parts.finish(throwing: transfer.failure)
    }
    guard let thread else { throw NetworkError(.other("the system has no thread for it")) }
    pthread_detach(thread)
    var iterator = stream.makeAsyncIterator()
    guard case .head(let status, let headers) = try await iterator.next() else {
      try Task.checkCancellation()
      throw NetworkError(.broken)
    }
    transfer.room.signal()
    return HTTPResponse(
      status: status, headers: headers,
      body: stream.compactMap { part in
        transfer.room.signal()
        guard case .body(let bytes) = part else { return nil }
        return bytes
      })
  }

  private func receive() {
    // A connection that breaks while something is sent would end the program.
    var signals = sigset_t()
    sigemptyset(&signals)
    sigaddset(&signals, SIGPIPE)
    pthread_sigmask(SIG_BLOCK, &signals, nil)
    do {
      let context = Unmanaged.passUnretained(self).toOpaque()
      try handle.set(CURLOPT_HEADERDATA, UnsafeRawPointer(context))
      try handle.set(CURLOPT_WRITEDATA, UnsafeRawPointer(context))
      try handle.set(CURLOPT_XFERINFODATA, UnsafeRawPointer(context))
      try handle.set(CURLOPT_HEADERFUNCTION) { bytes, size, count, context in
        Transfer.at(context)?.add(line: UnsafeRawBufferPointer(start: bytes, count: size * count)) == true ? count : 0
      }
      try handle.set(CURLOPT_WRITEFUNCTION) { bytes, size, count, context in
        Transfer.at(context)?.add(UnsafeRawBufferPointer(start: bytes, count: size * count)) == true ? count : 0
      }
      if sending != nil {
        try handle.set(CURLOPT_READDATA, UnsafeRawPointer(context))
        try handle.set(CURLOPT_SEEKDATA, UnsafeRawPointer(context))
        try handle.set(
          sender: { bytes, size, count, context in
            let room = UnsafeMutableRawBufferPointer(start: bytes, count: size * count)
            return Transfer.at(context)?.send(to: room) ?? Int(CURL_READFUNC_ABORT)
          },
          seeker: { context, place, origin in
            Transfer.at(context)?.seek(to: Int(place), origin) == true ? CURL_SEEKFUNC_OK : CURL_SEEKFUNC_FAIL
          })
      }
      try handle.set(CURLOPT_NOPROGRESS, 0)
      try handle.set { context, _, _, _, _ in Transfer.at(context)?.mayGoOn() == true ? 0 : 1 }
      try handle.perform()
    } catch let error as NetworkError {
      failure = failure ?? error
    } catch {
      failure = NetworkError(.other("\(error)"))
    }
  }

  private static func at(_ context: UnsafeMutableRawPointer?) -> Transfer? {
    context.map { Unmanaged<Transfer>.fromOpaque($0).takeUnretainedValue() }
  }

  /// Hands the body's next bytes over; nil where they cannot be read.
  private func send(to room: UnsafeMutableRawBufferPointer) -> Int? {
    lastSign = .now
    guard let sending, let count = sending.body.copy(from: sent, to: room) else {
      failure = NetworkError(.unreadable)
      return nil
    }
    sent += count
    sending.progress(count)
    return count
  }

  /// Goes back, where a connection has to be made anew.
  private func seek(to place: Int, _ origin: Int32) -> Bool {
    guard let sending, origin == SEEK_SET, 0...sending.body.count ~= place else { return false }
    sending.progress(place - sent)
    sent = place
    return true
  }

  /// Whether somebody waits for more, and the server still speaks. libcurl asks every second at least.
  private func mayGoOn() -> Bool {
    guard !isLeft.load(ordering: .relaxed) else { return false }
    guard ContinuousClock.now - lastSign < silence else {
      failure = NetworkError(.silent)
      return false
    }
    return true
  }

  private func add(line bytes: UnsafeRawBufferPointer) -> Bool {
    lastSign = .now
    headCount += bytes.count
    guard headCount <= Self.longestHead else {
      failure = NetworkError(.other("the head of its answer is longer than \(Self.longestHead >> 10) KiB"))
      return false
    }
    // What comes after the body.
    guard !isBody else { return true }
    let line = String(decoding: bytes, as: UTF8.self)
    if line.hasPrefix("HTTP/") {
      headers = HTTPHeaders()
    } else if !line.allSatisfy(\.isNewline) {
      headers.add(line)
    } else if handle.status >= 200 {
      isBody = true
      return hand(over: .head(status: handle.status, headers: headers))
    }
    return true
  }

  private func add(_ bytes: UnsafeRawBufferPointer) -> Bool { hand(over: .body(Array(bytes))) }

  /// Waits until there is room for a part; false where nobody wants it.
  private func hand(over part: HTTPResponse.Part) -> Bool {
    room.wait()
    guard !isLeft.load(ordering: .relaxed) else { return false }
    parts.yield(part)
    lastSign = .now
    return true
  }
}
