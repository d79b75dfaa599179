import Foundation
import Hub
import TestHub
import Testing

/// Downloads through proxies, and which hosts are asked through them.
@Suite struct ProxyTests {
  private let place: Scratch
  private let model: HubRepository
  private static let repository = TestRepository("o/n", files: ["config.json": Array("{}".utf8)])

  init() throws { (place, model) = (try Scratch(), try HubRepository(.model, "o/n")) }

  private func download(_ environment: [String: String], from address: String = "http://hub.invalid") async -> String? {
    await message { try await place.hub(address, environment).download(model, selecting: .model) }
  }

  @Test func aProxyLeadsToTheHub() async throws {
    let server = try await TestHub { Self.repository.answer($0) }
    let proxy = try await TestProxy(to: server.address)
    #expect(await download(["HTTP_PROXY": "http://\(proxy.address)"]) == nil)
    #expect(
      proxy.requests.allSatisfy { $0.hasPrefix("CONNECT hub.invalid:80 HTTP/1.1\r\n") } && !proxy.requests.isEmpty)
    #expect(server.requests.count == 2)
    // Small letters count first, and a name without a scheme is HTTP's.
    #expect(await download(["HTTP_PROXY": "127.0.0.1:1", "http_proxy": proxy.address]) == nil)
    #expect(await download(["ALL_PROXY": proxy.address]) == nil)
    let asked = proxy.requests.count
    let direct = ["HTTP_PROXY": proxy.address, "NO_PROXY": "x.org, 127.0.0.0/8"]
    #expect(await download(direct, from: server.address) == nil)
    #expect(await download(["HTTPS_PROXY": proxy.address], from: server.address) == nil)
    #expect(proxy.requests.count == asked)
  }

  @Test func aProxyThatAsksForAPassword() async throws {
    let server = try await TestHub { Self.repository.answer($0) }
    let proxy = try await TestProxy(to: server.address, credentials: "Basic bjpwQHNz")
    #expect(await download(["HTTP_PROXY": "http://n:p%40ss@\(proxy.address)"]) == nil)
    #expect(
      await download(["HTTP_PROXY": proxy.address])
        == "the proxy \(proxy.address) requires a name and a password: HTTPS_PROXY=http://NAME:PASSWORD@HOST:PORT")
  }

  @Test func aProxyThatIsNotThere() async {
    #expect(
      await download(["HTTP_PROXY": "http://127.0.0.1:1"])
        == "model o/n: hub.invalid cannot be reached, asked through the proxy 127.0.0.1:1, 5 times; try again later")
  }

  @Test(
    arguments: [
      ("hub.invalid", false), (".invalid", false), ("invalid", false), ("*.invalid", false), ("*", false),
      ("other.org,HUB.invalid", false), ("ub.invalid", true), ("hub.invalid.org", true), ("hub.invalid:81", true),
      ("hub.invalid:80x", true), ("10.0.0.0/8", true), ("", true),
    ]) func exceptions(exception: String, isProxied: Bool) async
  {
    var patience = Patience.hasty
    patience.attempts = 1
    let text = await message {
      try await place.hub(
        "http://hub.invalid", patience: patience, ["HTTP_PROXY": "127.0.0.1:1", "NO_PROXY": exception]
      ).download(model, selecting: .model)
    }
    #expect(text?.contains("through the proxy") == isProxied, "\(text ?? "")")
  }

  @Test(arguments: [
    ("::1", false), ("[::1]", false), ("[::1]:1", false), ("[::1]:2", true), ("::2", true), ("127.0.0.1", true),
  ]) func exceptionsOfIPv6(exception: String, isProxied: Bool) async {
    var patience = Patience.hasty
    patience.attempts = 1
    let text = await message {
      try await place.hub("http://[::1]:1", patience: patience, ["HTTP_PROXY": "127.0.0.1:1", "NO_PROXY": exception])
        .download(model, selecting: .model)
    }
    #expect(text?.contains("through the proxy") == isProxied, "\(text ?? "")")
  }

  @Test func certificatesThatAreNone() async throws {
    try place.folder.write("ca.pem", Array("no certificate".utf8))
    let path = place.url.path + "/ca.pem"
    #expect(
      await download(["SSL_CERT_FILE": path]) == "SSL_CERT_FILE names \(path), which holds no certificates in PEM form")
  }

  @Test func addressesThatAreNone() throws {
    func problem(_ variable: String, _ value: String) -> String? {
      do {
        _ = try HubSettings(environment: ["HOME": "/nowhere", variable: value])
        return nil
      } catch {
        return error.description
      }
    }
    #expect(
      problem("HTTPS_PROXY", "http://a b:1") == "HTTPS_PROXY is not the address of a proxy, such as http://HOST:PORT")
    #expect(
      problem("HTTPS_PROXY", "http://h:99999") == "HTTPS_PROXY is not the address of a proxy, such as http://HOST:PORT")
    #expect(
      problem("all_proxy", "https://h:1")
        == "ALL_PROXY: a proxy's address begins with http:// or socks5://, not with https://")
    #expect(problem("ALL_PROXY", "socks5://h") == nil)
    #expect(problem("SSL_CERT_FILE", "/nowhere/ca.pem") == "SSL_CERT_FILE names /nowhere/ca.pem, which cannot be read")
    #expect(problem("SSL_CERT_FILE", "") == nil)
  }
}
