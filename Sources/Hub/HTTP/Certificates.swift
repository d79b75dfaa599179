import CCrypto
import Foundation

/// The certificates that the environment says to trust, instead of the system's.
struct Certificates: Sendable {
  /// What a variable names: a file of certificates, or a folder of them as OpenSSL has it.
  private let places: [(variable: String, path: String)]

  /// No list of certificates is longer; the system's have some hundred KiB.
  private static let longestFile = 64 << 20

  /// Reads `SSL_CERT_FILE`, `SSL_CERT_DIR`, `REQUESTS_CA_BUNDLE` and `CURL_CA_BUNDLE`; all that they name is trusted.
  /// - Throws: `HubError` for what is not there.
  init(environment: [String: String]) throws(HubError) {
    var places: [(variable: String, path: String)] = []
    for variable in ["SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"] {
      let value = environment[variable]?.trimmingCharacters(in: .whitespaces) ?? ""
      let paths = variable == "SSL_CERT_DIR" ? value.split(separator: ":").map(String.init) : [value]
      for path in paths where !path.isEmpty {
        guard FileManager.default.isReadableFile(atPath: path) else {
          throw HubError("\(variable) names \(plainLine(path)), which cannot be read")
        }
        places.append((variable, path))
      }
    }
    self.places = places
  }

  /// The certificates, in PEM form; nil where the environment names none.
  /// - Throws: `HubError` for places that hold none.
  func load() throws(HubError) -> Data? {
    var certificates = Data()
    for (variable, path) in places {
      let before = certificates.count
      for file in Self.files(path) { certificates += Self.read(file) ?? Data() }
      guard certificates.count > before || variable == "SSL_CERT_DIR" else {
        throw HubError("\(variable) names \(plainLine(path)), which holds no certificates in PEM form")
      }
    }
    return certificates.isEmpty ? nil : certificates
  }

  /// The text of a file of certificates; nil where one of them is none.
  private static func read(_ file: String) -> Data? {
    guard let handle = FileHandle(forReadingAtPath: file), let text = try? handle.read(upToCount: longestFile + 1),
      text.count <= longestFile,
      text.withUnsafeBytes({ crypto_count_certificates($0.baseAddress, Int32($0.count)) }) > 0
    else { return nil }
    return text + Data("\n".utf8)
  }

  /// The file, or the folder's files: those named by a certificate's hash, as OpenSSL looks for them.
  private static func files(_ path: String) -> [String] {
    guard let names = try? FileManager.default.contentsOfDirectory(atPath: path) else { return [path] }
    return names.filter { $0.wholeMatch(of: #/[0-9a-f]{8}\.\d+/#) != nil }.sorted().map { "\(path)/\($0)" }
  }
}
