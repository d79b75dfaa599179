import Foundation
import Hub
import TestHub
import Testing

/// Downloads over TLS, with a certificate that only the environment vouches for.
@Suite(.enabled(if: Program.isThere("openssl"))) struct CertificateTests {
  private let place: Scratch
  private let server: Program
  private let address: String
  private static let repository = TestRepository("o/n", files: ["config.json": Array("{}".utf8)])

  init() throws {
    place = try Scratch()
    let repository = Self.repository
    // The server's files are named by what is asked of it.
    try place.folder.write("served/api/models/o/n/revision/main?blobs=true", Array(repository.listing.text.utf8))
    try place.folder.write("served" + repository.path("config.json"), Array("{}".utf8))
    let served = place.url.appending(path: "served")
    try Program(
      "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout key.pem -out ca.pem -days 2"
        + " -subj /CN=hub -addext subjectAltName=IP:127.0.0.1", in: served
    ).wait()
    server = try Program("openssl s_server -WWW -accept 127.0.0.1:0 -cert ca.pem -key key.pem", in: served)
    let port = server.line { $0.hasPrefix("ACCEPT") }?.split(separator: ":").last
    address = "https://127.0.0.1:\(port ?? "0")"
  }

  private func download(_ variable: String, _ path: String, proxy: String = "") async -> String? {
    var patience = Patience.hasty
    patience.attempts = 2
    return await message {
      let environment = [variable: place.url.path + "/" + path, "HTTPS_PROXY": proxy]
      return try await place.hub(address, patience: patience, environment).download(
        HubRepository(.model, "o/n"), selecting: .model)
    }
  }

  @Test(arguments: ["SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"])
  func aFileOfCertificates(variable: String) async throws {
    #expect(await download(variable, "served/ca.pem") == nil)
    #expect(place.bytes("models--o--n/snapshots/\(Self.repository.commit)/config.json") == Array("{}".utf8))
  }

  @Test func aFolderOfCertificates() async throws {
    try place.folder.write("folder/0123abcd.0", place.bytes("served/ca.pem") ?? [])
    #expect(await download("SSL_CERT_DIR", "folder") == nil)
  }

  @Test func aProxySeesNothing() async throws {
    let proxy = try await TestProxy(to: address)
    #expect(await download("SSL_CERT_FILE", "served/ca.pem", proxy: proxy.address) == nil)
    #expect(proxy.requests.count == 2)
    #expect(proxy.requests.allSatisfy { $0.hasPrefix("CONNECT \(address.dropFirst(8)) HTTP/1.1\r\n") })
  }

  @Test func othersAreNotTrusted() async throws {
    let text = await download("HOME", "") ?? ""
    #expect(text.hasPrefix("\(address.dropFirst(8)) shows a certificate that is not trusted ("), "\(text)")
    #expect(text.hasSuffix("where a proxy of your own signs it, SSL_CERT_FILE names its certificates"))
    // One for another name is none either.
    try Program(
      "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout other.key -out other.pem -days 2"
        + " -subj /CN=other", in: place.url
    ).wait()
    #expect(await download("SSL_CERT_FILE", "other.pem")?.contains("is not trusted") == true)
  }
}
