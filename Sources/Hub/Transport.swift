import Foundation
import JSON

/// Requests to the hub, one attempt each: redirects, the token, and what refusals mean.
struct Transport {
  /// The longest answer that is read into memory: room for the files of the largest data sets.
  static let longestAnswer = 32 << 20
  private static let mostRedirects = 8

  let connections: Connections
  let settings: HubSettings

  /// Asks for a place below the endpoint, and follows redirects.
  /// - Parameters:
  ///   - start: the first byte wanted; 0 for the whole.
  ///   - refusal: what it means that the hub refuses.
  /// - Returns: an answer of status 200 or 206.
  /// - Throws: `TransferFailure`; `HubError`.
  func get(
    _ path: String, from start: Int = 0, longest: Duration? = nil, refusal: (HTTPResponse) -> HubError
  ) async throws -> HTTPResponse {
    let headers = start > 0 ? [("Range", "bytes=\(start)-")] : []
    return try await ask("\(settings.endpoint)/\(path)", refusal: refusal) {
      HTTPRequest(address: $0, headers: headers, longest: longest)
    }
  }

  /// Sends something to an address.
  /// - Parameters:
  ///   - silence: how long the server may be silent; nil for as long as it usually may.
  ///   - refusal: what it means that the hub refuses.
  /// - Returns: an answer of status 200 to 299.
  /// - Throws: `TransferFailure`; `HubError`.
  func send(
    _ sending: HTTPRequest.Sending, to address: String, type: String? = nil, silence: Duration? = nil,
    refusal: (HTTPResponse) -> HubError
  ) async throws -> HTTPResponse {
    let headers = type.map { [("Content-Type", $0)] } ?? []
    return try await ask(address, refusal: refusal) {
      HTTPRequest(address: $0, headers: headers, silence: silence, sending: sending)
    }
  }

  /// Sends JSON to a place below the endpoint, or to an address that the hub named, and reads the answer's.
  func post(
    _ body: JSON, to path: String, type: String = "application/json", silence: Duration? = nil,
    refusal: (HTTPResponse) -> HubError
  ) async throws -> JSON {
    let sending = HTTPRequest.Sending(method: "POST", body: .bytes(Array(body.text.utf8)))
    let address = path.contains("://") ? path : "\(settings.endpoint)/\(path)"
    return try await json(await send(sending, to: address, type: type, silence: silence, refusal: refusal))
  }

  private func ask(
    _ start: String, refusal: (HTTPResponse) -> HubError, _ request: (URL) -> HTTPRequest
  ) async throws -> HTTPResponse {
    var address = start
    for _ in 0...Self.mostRedirects {
      let isHub = Self.origin(address) == Self.origin(settings.endpoint)
      guard let url = URL(string: address) else {
        let place =
          start.hasPrefix(settings.endpoint + "/")
          ? "'\(plainLine(String(start.dropFirst(settings.endpoint.count + 1))))'" : "an address"
        throw HubError("\(Self.host(settings.endpoint)) cannot be asked for \(place); is HF_ENDPOINT right?")
      }
      var request = request(url)
      // The token is for the hub alone; other hosts get addresses that carry their own permission.
      if isHub, let token = settings.token { request.headers.append(("Authorization", "Bearer \(token)")) }
      let response = try await interruptible(address) { [request] in try await connections.ask(request) }
      let host = Self.host(address)
      switch response.status {
      case 200..<300 where request.sending != nil: return response
      case 200, 206: return response
      // What is sent goes on only where the server says that it shall.
      case 300..<400 where request.sending == nil || [307, 308].contains(response.status):
        await response.finish()
        address = try Self.next(response, from: address)
      case 408, 429, 500...:
        throw TransferFailure.interrupted(
          "\(host) answers \(response.status)", retryAfter: Self.retryAfter(response.headers))
      case 416: throw TransferFailure.damaged("\(host) has nothing beyond the byte that was asked for")
      case _ where !isHub:
        throw TransferFailure.denied("\(host) answers \(response.status)")
      default: throw refusal(response)
      }
    }
    throw HubError("\(Self.host(address)) redirects more than \(Self.mostRedirects) times; is HF_ENDPOINT right?")
  }

  /// Reads an answer into memory.
  /// - Throws: `TransferFailure`; `HubError` for what is too long or no JSON.
  func json(_ response: HTTPResponse) async throws -> JSON {
    let host = Self.host(settings.endpoint)
    let bytes: [UInt8] = try await interruptible(settings.endpoint) {
      var bytes: [UInt8] = []
      for try await part in response.body {
        guard part.count <= Self.longestAnswer - bytes.count else {
          throw HubError("\(host): the answer is longer than \(Self.longestAnswer >> 20) MiB; is HF_ENDPOINT right?")
        }
        bytes += part
      }
      return bytes
    }
    do {
      return try JSON(parsing: bytes)
    } catch {
      throw HubError("\(host): the answer is not JSON: \(plainLine(error.description)); is HF_ENDPOINT right?")
    }
  }

  /// Reads an answer to its end, which is what says that the server is done; what it holds is not wanted.
  /// - Throws: `TransferFailure`; `HubError` for what is too long.
  func end(_ response: HTTPResponse) async throws {
    try await interruptible(settings.endpoint) {
      var count = 0
      for try await part in response.body {
        count += part.count
        guard count <= Self.longestAnswer else { throw TransferFailure.damaged("the answer has no end") }
      }
    }
  }

  /// Does something over the network; failures of the network become `TransferFailure`.
  func interruptible<Result>(_ address: String, _ work: () async throws -> Result) async throws -> Result {
    do {
      let result = try await work()
      // A body ends early where its reader's task is cancelled.
      try Task.checkCancellation()
      return result
    } catch let error as HubError {
      throw error
    } catch let error as TransferFailure {
      throw error
    } catch {
      try Task.checkCancellation()
      let proxy = connections.proxy(for: address).map { "the proxy \(plainLine($0.title))" }
      let host = Self.host(address)
      let reason: String
      switch (error as? NetworkError)?.reason ?? .other("\(error)") {
      case .unreachable: reason = "cannot be reached"
      case .silent: reason = "does not answer"
      case .broken: reason = "broke the connection"
      case .unreadable: throw HubError("a file could not be read, or became shorter, while it was sent; try again")
      case .other(let text): reason = "broke the connection (\(plainLine(text)))"
      case .untrusted(let text):
        throw HubError(
          "\(host) shows a certificate that is not trusted (\(plainLine(text))); where a proxy of your own signs it, SSL_CERT_FILE names its certificates"
        )
      case .noCertificates:
        throw HubError(
          "there are no certificates to check \(host) with; install your system's (ca-certificates), or set SSL_CERT_FILE to a file with certificates"
        )
      case .refusedByProxy(407):
        throw HubError(
          "\(proxy ?? "the proxy") requires a name and a password: HTTPS_PROXY=http://NAME:PASSWORD@HOST:PORT")
      case .refusedByProxy: throw HubError("\(proxy ?? "the proxy") does not connect to \(host)")
      }
      throw TransferFailure.interrupted("\(host) \(reason)" + (proxy.map { ", asked through \($0)" } ?? ""))
    }
  }

  private static func next(_ response: HTTPResponse, from address: String) throws(HubError) -> String {
    let host = host(address)
    guard let location = response.headers["location"],
      let url = URL(string: location, relativeTo: URL(string: address))?.absoluteURL,
      let scheme = url.scheme?.lowercased(),
      ["http", "https"].contains(scheme), url.host()?.isEmpty == false
    else { throw HubError("\(host) redirects to no address that can be followed; is HF_ENDPOINT right?") }
    guard scheme == "https" || !address.lowercased().hasPrefix("https:") else {
      throw HubError("\(host) redirects to an address without encryption, which is not followed")
    }
    return url.absoluteString
  }

  /// Scheme, host and port; nil for no address.
  static func origin(_ address: String) -> [String]? {
    guard let url = URL(string: address), let scheme = url.scheme?.lowercased(), let host = url.host()?.lowercased()
    else { return nil }
    return [scheme, host, String(url.port ?? (scheme == "https" ? 443 : 80))]
  }

  /// What messages call a server. Addresses may carry permissions, which are not for messages.
  static func host(_ address: String) -> String {
    guard let url = URL(string: address), let host = url.host() else { return "the server" }
    return plainLine(url.port.map { "\(host):\($0)" } ?? host)
  }

  /// The wait that a busy server asks for: seconds, or a date (RFC 9110, 10.2.3).
  static func retryAfter(_ headers: HTTPHeaders, now: Date = Date()) -> Duration? {
    guard let text = headers["retry-after"]?.trimmingCharacters(in: .whitespaces) else { return nil }
    if let seconds = Int(text), seconds >= 0 { return .seconds(min(seconds, 1 << 30)) }
    let format = DateFormatter()
    format.locale = Locale(identifier: "en_US_POSIX")
    format.timeZone = TimeZone(identifier: "GMT")
    format.dateFormat = "EEE, dd MMM yyyy HH:mm:ss zzz"
    return format.date(from: text).map {
      .seconds(max(0, min($0.timeIntervalSince(now), Double(1 << 30)).rounded(.up)))
    }
  }
}
