import Foundation

/// Where the hub and its cache are, as Hugging Face's environment variables say.
public struct HubSettings: Sendable {
  /// The hub's address, without a slash at its end.
  public let endpoint: String
  /// What opens private and gated repositories.
  let token: String?
  /// The folder of the cache, which Python's huggingface_hub shares.
  public let cache: URL
  /// Whether only the cache may be used.
  public let isOffline: Bool
  /// Which proxies lead to hosts.
  let proxies: Proxies
  /// Which certificates are trusted.
  let certificates: Certificates

  /// Reads `HF_ENDPOINT`; `HF_TOKEN`, `HF_TOKEN_PATH`; `HF_HUB_CACHE`, `HF_HOME`, `XDG_CACHE_HOME`; `HF_HUB_OFFLINE`;
  /// `HTTPS_PROXY`, `HTTP_PROXY`, `ALL_PROXY`, `NO_PROXY`; `SSL_CERT_FILE`, `SSL_CERT_DIR`, `REQUESTS_CA_BUNDLE`,
  /// `CURL_CA_BUNDLE`.
  /// - Throws: `HubError` for an address or a token that is none, and for certificates that are not there.
  public init(environment: [String: String] = ProcessInfo.processInfo.environment) throws(HubError) {
    func value(_ names: String...) -> String? {
      names.lazy.compactMap { environment[$0]?.trimmingCharacters(in: .whitespacesAndNewlines) }.first { !$0.isEmpty }
    }
    let home = environment["HOME"] ?? FileManager.default.homeDirectoryForCurrentUser.path
    func folder(_ path: String) -> URL {
      URL(filePath: path == "~" || path.hasPrefix("~/") ? home + path.dropFirst() : path, directoryHint: .isDirectory)
    }
    let caches = folder(value("XDG_CACHE_HOME") ?? "~/.cache")
    let base = value("HF_HOME").map(folder) ?? caches.appending(path: "huggingface")
    cache = value("HF_HUB_CACHE", "HUGGINGFACE_HUB_CACHE").map(folder) ?? base.appending(path: "hub")
    isOffline =
      value("HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE")
      .map { ["1", "ON", "YES", "TRUE"].contains($0.uppercased()) } ?? false
    endpoint = try Self.endpoint(value("HF_ENDPOINT") ?? "https://huggingface.co")
    proxies = try Proxies(environment: environment)
    certificates = try Certificates(environment: environment)
    let tokenFile = value("HF_TOKEN_PATH").map(folder) ?? base.appending(path: "token")
    token = try Self.token(value("HF_TOKEN", "HUGGING_FACE_HUB_TOKEN"), file: tokenFile.path)
  }

  private static func endpoint(_ text: String) throws(HubError) -> String {
    guard let url = URL(string: text), ["http", "https"].contains(url.scheme?.lowercased()), let host = url.host(),
      !host.isEmpty, url.query() == nil, url.fragment() == nil, url.user() == nil
    else {
      throw HubError("HF_ENDPOINT is '\(plainLine(text))', which is not an address such as https://huggingface.co")
    }
    return text.hasSuffix("/") ? String(text.reversed().drop { $0 == "/" }.reversed()) : text
  }

  private static func token(_ value: String?, file: String) throws(HubError) -> String? {
    var token = value
    if token == nil, let handle = FileHandle(forReadingAtPath: file), let bytes = try? handle.read(upToCount: 4096) {
      token = String(decoding: bytes, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
    }
    guard let token, !token.isEmpty else { return nil }
    // Anything else could add lines of its own to a request. A token is not for messages.
    guard token.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else {
      throw HubError("the token in \(value == nil ? file : "HF_TOKEN") has characters that no token has; copy it again")
    }
    return token
  }
}
