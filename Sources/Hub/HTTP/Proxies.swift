import Foundation

/// Which proxy leads to which host, as the environment says it to curl and Python.
struct Proxies: Sendable, Equatable {
  /// A proxy, and how messages call it.
  struct Proxy: Sendable, Equatable {
    /// The address without name and password.
    let address: String
    let title: String
    let name: String?
    let password: String
  }

  private let byScheme: [String: Proxy]
  /// What is asked without a proxy.
  private let exceptions: [String]

  /// Reads `HTTPS_PROXY`, `HTTP_PROXY`, `ALL_PROXY` and `NO_PROXY`, each of them also in small letters, which count first.
  /// - Throws: `HubError` for an address that is none of a proxy.
  init(environment: [String: String]) throws(HubError) {
    func value(_ name: String) -> String? {
      [name.lowercased(), name].lazy.compactMap { environment[$0]?.trimmingCharacters(in: .whitespaces) }
        .first { !$0.isEmpty }
    }
    var byScheme: [String: Proxy] = [:]
    for scheme in ["https", "http"] {
      for name in ["\(scheme.uppercased())_PROXY", "ALL_PROXY"] {
        guard byScheme[scheme] == nil, let text = value(name) else { continue }
        byScheme[scheme] = try Self.proxy(text, name)
      }
    }
    self.byScheme = byScheme
    exceptions = (value("NO_PROXY") ?? "").split { $0 == "," || $0 == " " }.map { $0.lowercased() }
  }

  /// The proxy for an address; nil where it is asked directly.
  func proxy(for address: String) -> Proxy? {
    guard let url = URL(string: address), let scheme = url.scheme?.lowercased(), let host = url.host()?.lowercased(),
      !exceptions.contains(where: { Self.isException($0, host, url.port) })
    else { return nil }
    return byScheme[scheme]
  }

  /// A host, with those below it; a host and a port; a range of addresses; or `*` for all.
  private static func isException(_ exception: String, _ host: String, _ port: Int?) -> Bool {
    if exception == "*" { return true }
    if let range = AddressRange(exception) { return range.contains(host) }
    var name = exception[...]
    // An address of IPv6 has colons of its own; where a port follows, it stands in brackets.
    if let colon = name.lastIndex(of: ":"), !name[..<colon].contains(":") || name[..<colon].hasSuffix("]"),
      let number = Int(name[colon...].dropFirst())
    {
      guard number == port else { return false }
      name = name[..<colon]
    }
    if name.hasPrefix("["), name.hasSuffix("]") { name = name.dropFirst().dropLast() }
    let domain = name.drop { $0 == "*" || $0 == "." }
    return !domain.isEmpty && (host == domain || host.hasSuffix("." + domain))
  }

  private static func proxy(_ text: String, _ variable: String) throws(HubError) -> Proxy {
    // The address may hold a password, which is not for messages.
    let problem = HubError("\(variable) is not the address of a proxy, such as http://HOST:PORT")
    let url = URL(string: text.contains("://") ? text : "http://" + text)
    guard let url, let scheme = url.scheme?.lowercased(), let host = url.host(), !host.isEmpty else { throw problem }
    guard (url.port ?? 1) > 0, (url.port ?? 1) <= 65535 else { throw problem }
    let (kind, usualPort): (String, Int)
    switch scheme {
    case "http": (kind, usualPort) = ("http", 80)
    // The proxy looks up names, in each of these.
    case "socks5", "socks5h", "socks": (kind, usualPort) = ("socks5h", 1080)
    default:
      throw HubError(
        "\(variable): a proxy's address begins with http:// or socks5://, not with \(plainLine(scheme))://")
    }
    let title = "\(host.contains(":") ? "[\(host)]" : host):\(url.port ?? usualPort)"
    return Proxy(
      address: "\(kind)://\(title)", title: title, name: url.user(percentEncoded: false),
      password: url.password(percentEncoded: false) ?? "")
  }
}

/// Addresses of IPv4 that begin alike: `10.0.0.0/8`.
private struct AddressRange {
  private let start: UInt32
  private let mask: UInt32

  init?(_ text: String) {
    let parts = text.split(separator: "/", omittingEmptySubsequences: false)
    guard parts.count == 2, let start = Self.number(parts[0]), let bits = UInt32(parts[1]), bits <= 32 else {
      return nil
    }
    mask = bits == 0 ? 0 : ~0 << (32 - bits)
    self.start = start & mask
  }

  func contains(_ host: String) -> Bool { Self.number(host[...]).map { $0 & mask == start } ?? false }

  private static func number(_ text: Substring) -> UInt32? {
    let parts = text.split(separator: ".", omittingEmptySubsequences: false).map { UInt8($0) }
    guard parts.count == 4 else { return nil }
    return parts.reduce(UInt32?(0)) { sum, part in
      guard let sum, let part else { return nil }
      return sum << 8 | UInt32(part)
    }
  }
}
