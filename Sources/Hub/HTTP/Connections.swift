import CCurl
import Foundation
import Synchronization

/// The connections to hosts, directly and through proxies, by the system's libcurl. Redirects and repetition are `Transport`'s.
final class Connections: Sendable {
  private let idle = Mutex<[CurlHandle]>([])
  private let proxies: Proxies
  private let certificates: Data?
  private let silence: Duration

  /// - Throws: `HubError` for certificates that are none.
  init(_ settings: HubSettings, _ patience: Patience) throws(HubError) {
    proxies = settings.proxies
    certificates = try settings.certificates.load()
    silence = patience.silence
  }

  /// The proxy that leads to an address.
  func proxy(for address: String) -> Proxies.Proxy? { proxies.proxy(for: address) }

  /// Asks a server once.
  /// - Returns: the answer, when its head is there.
  /// - Throws: `NetworkError`; `CancellationError`.
  func ask(_ request: HTTPRequest) async throws -> HTTPResponse {
    let handle = try idle.withLock { $0.popLast() } ?? CurlHandle()
    try handle.reset()
    try handle.set(request.address)
    // Without the last line libcurl would wait whether a long body is wanted.
    try handle.set(headers: request.headers + (request.sending == nil ? [] : [("Expect", "")]))
    try handle.set(CURLOPT_USERAGENT, "caravan")
    try handle.set(CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_1_1)
    try handle.set(CURLOPT_BUFFERSIZE, Transfer.longestPart)
    try handle.set(CURLOPT_CONNECTTIMEOUT_MS, 10_000)
    if let longest = request.longest { try handle.set(CURLOPT_TIMEOUT_MS, Int(longest / .milliseconds(1))) }
    if let certificates { try handle.set(certificates: certificates) }
    try set(proxies.proxy(for: request.address.absoluteString), of: handle)
    if let sending = request.sending { try handle.set(method: sending.method, bodyCount: sending.body.count) }
    return try await Transfer.start(handle, sending: request.sending, silence: request.silence ?? silence) {
      self.idle.withLock { $0.append(handle) }
    }
  }

  private func set(_ proxy: Proxies.Proxy?, of handle: CurlHandle) throws {
    // Said in any case: libcurl would read the environment on its own.
    try handle.set(CURLOPT_PROXY, proxy?.address ?? "")
    try handle.set(CURLOPT_NOPROXY, "")
    try handle.set(CURLOPT_HTTPPROXYTUNNEL, 1)
    try handle.set(CURLOPT_SUPPRESS_CONNECT_HEADERS, 1)
    guard let proxy, let name = proxy.name else { return }
    try handle.set(CURLOPT_PROXYUSERNAME, name)
    try handle.set(CURLOPT_PROXYPASSWORD, proxy.password)
  }
}
