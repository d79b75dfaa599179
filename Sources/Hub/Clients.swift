import AsyncHTTPClient
import NIOCore
import NIOSSL

/// The clients that ask hosts, directly and through each proxy. They leave redirects and repetition to `Transport`.
struct Clients: Sendable {
  private let direct: HTTPClient
  private let proxied: [Proxies.Proxy: HTTPClient]
  private let proxies: Proxies

  /// Has clients for as long as `work` runs.
  static func with<Result>(
    _ settings: HubSettings, _ pace: Pace, _ work: (Clients) async throws -> Result
  ) async throws -> Result {
    let clients = Clients(settings, pace, trusting: try settings.certificates.load())
    do {
      let result = try await work(clients)
      try await clients.shutdown()
      return result
    } catch {
      try? await clients.shutdown()
      throw error
    }
  }

  private init(_ settings: HubSettings, _ pace: Pace, trusting certificates: [NIOSSLCertificate]?) {
    let silence = TimeAmount.nanoseconds(Int64(pace.silence / .nanoseconds(1)))
    var configuration = HTTPClient.Configuration(
      redirectConfiguration: .disallow, timeout: .init(connect: .seconds(10), read: silence))
    configuration.connectionPool.retryConnectionEstablishment = false
    if let certificates {
      var encryption = TLSConfiguration.makeClientConfiguration()
      encryption.trustRoots = .certificates(certificates)
      configuration.tlsConfiguration = encryption
    }
    proxies = settings.proxies
    direct = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
    proxied = Dictionary(
      uniqueKeysWithValues: proxies.all.map { proxy in
        configuration.proxy = proxy.configuration
        return (proxy, HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration))
      })
  }

  /// The proxy that leads to an address.
  func proxy(for address: String) -> Proxies.Proxy? { proxies.proxy(for: address) }

  /// The client for an address.
  func client(for address: String) -> HTTPClient { proxy(for: address).flatMap { proxied[$0] } ?? direct }

  private func shutdown() async throws {
    for client in [direct] + proxied.values { try await client.shutdown() }
  }
}
