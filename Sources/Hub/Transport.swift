import AsyncHTTPClient
import Foundation
import JSON
import NIOCore
import NIOHTTP1
import NIOPosix
import Wording

/// Requests to the hub, one attempt each: redirects, the token, and what refusals mean.
struct Transport {
  /// The longest answer that is read into memory: room for the files of the largest data sets.
  static let longestAnswer = 32 << 20
  private static let mostRedirects = 8

  let clients: Clients
  let settings: HubSettings

  /// Asks for a place below the endpoint, and follows redirects.
  /// - Parameters:
  ///   - start: the first byte wanted; 0 for the whole.
  ///   - refusal: what it means that the hub refuses.
  /// - Returns: an answer of status 200 or 206.
  /// - Throws: `TransferFailure`; `HubError`.
  func get(
    _ path: String, from start: Int = 0, deadline: NIODeadline = .distantFuture,
    refusal: (HTTPClientResponse) -> HubError
  ) async throws -> HTTPClientResponse {
    var address = "\(settings.endpoint)/\(path)"
    for _ in 0...Self.mostRedirects {
      let isHub = Self.origin(address) == Self.origin(settings.endpoint)
      var request = HTTPClientRequest(url: address)
      request.headers.add(name: "user-agent", value: "caravan")
      if start > 0 { request.headers.add(name: "range", value: "bytes=\(start)-") }
      // The token is for the hub alone; other hosts get addresses that carry their own permission.
      if isHub, let token = settings.token { request.headers.add(name: "authorization", value: "Bearer \(token)") }
      let response = try await interruptible(address) {
        try await clients.client(for: address).execute(request, deadline: deadline)
      }
      let host = Self.host(address)
      switch response.status.code {
      case 200, 206: return response
      case 300..<400: address = try Self.next(response, from: address)
      case 408, 429, 500...:
        throw TransferFailure.interrupted(
          "\(host) answers \(response.status.code)", retryAfter: Self.retryAfter(response.headers))
      case 416: throw TransferFailure.damaged("\(host) has nothing beyond byte \(start)")
      case _ where !isHub:
        // Such permission runs out; the hub gives a new one.
        throw TransferFailure.interrupted("\(host) answers \(response.status.code)")
      default: throw refusal(response)
      }
    }
    throw HubError("\(Self.host(address)) redirects more than \(Self.mostRedirects) times; is HF_ENDPOINT right?")
  }

  /// Reads an answer into memory.
  /// - Throws: `TransferFailure`; `HubError` for what is too long or no JSON.
  func json(_ response: HTTPClientResponse) async throws -> JSON {
    let host = Self.host(settings.endpoint)
    let bytes: [UInt8] = try await interruptible(settings.endpoint) {
      var bytes: [UInt8] = []
      for try await part in response.body {
        guard part.readableBytes <= Self.longestAnswer - bytes.count else {
          throw HubError("\(host): the answer is longer than \(Self.longestAnswer >> 20) MiB; is HF_ENDPOINT right?")
        }
        bytes += part.readableBytesView
      }
      return bytes
    }
    do {
      return try JSON(parsing: bytes)
    } catch {
      throw HubError("\(host): the answer is not JSON: \(oneLine(error.description)); is HF_ENDPOINT right?")
    }
  }

  /// Does something over the network; failures of the network become `TransferFailure`.
  func interruptible<Result>(_ address: String, _ work: () async throws -> Result) async throws -> Result {
    do {
      return try await work()
    } catch let error as HubError {
      throw error
    } catch let error as TransferFailure {
      throw error
    } catch {
      try Task.checkCancellation()
      let proxy = clients.proxy(for: address).map { "the proxy \(oneLine($0.title))" }
      if let refusal = Self.refusal(error, Self.host(address), proxy) { throw refusal }
      let reason =
        switch error {
        case let error as HTTPClientError:
          switch error {
          case .readTimeout, .connectTimeout, .deadlineExceeded: "does not answer"
          case .remoteConnectionClosed: "broke the connection"
          default: "broke the connection (\(oneLine(error.shortDescription)))"
          }
        case is NIOConnectionError: "cannot be reached"
        case let error as IOError where [ECONNREFUSED, EHOSTUNREACH, ENETUNREACH].contains(error.errnoCode):
          "cannot be reached"
        case is ChannelError, is HTTPParserError, is IOError: "broke the connection"
        default: "broke the connection (\(oneLine("\(error)")))"
        }
      throw TransferFailure.interrupted(
        "\(Self.host(address)) \(reason)" + (proxy.map { ", asked through \($0)" } ?? ""))
    }
  }

  /// What no repetition helps against.
  private static func refusal(_ error: any Error, _ host: String, _ proxy: String?) -> HubError? {
    if let proxy, let error = error as? HTTPClientError {
      switch error {
      case .proxyAuthenticationRequired:
        return HubError("\(proxy) wants a name and a password: HTTPS_PROXY=http://NAME:PASSWORD@HOST:PORT")
      case .invalidProxyResponse: return HubError("\(proxy) does not connect to \(host)")
      default: break
      }
    }
    guard "\(error)".contains("CERTIFICATE_VERIFY_FAILED") else { return nil }
    return HubError(
      "\(host) shows a certificate that is not trusted; where a proxy of your own signs it, SSL_CERT_FILE names its certificates"
    )
  }

  private static func next(_ response: HTTPClientResponse, from address: String) throws(HubError) -> String {
    let host = host(address)
    guard let location = response.headers.first(name: "location"),
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
  private static func origin(_ address: String) -> [String]? {
    guard let url = URL(string: address), let scheme = url.scheme?.lowercased(), let host = url.host()?.lowercased()
    else { return nil }
    return [scheme, host, String(url.port ?? (scheme == "https" ? 443 : 80))]
  }

  /// What messages call a server. Addresses may carry permissions, which are not for messages.
  static func host(_ address: String) -> String {
    guard let url = URL(string: address), let host = url.host() else { return "the server" }
    return oneLine(url.port.map { "\(host):\($0)" } ?? host)
  }

  /// The wait that a busy server asks for: seconds, or a date (RFC 9110, 10.2.3).
  static func retryAfter(_ headers: HTTPHeaders, now: Date = Date()) -> Duration? {
    guard let text = headers.first(name: "retry-after")?.trimmingCharacters(in: .whitespaces) else { return nil }
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
