import CCurl
import Foundation

/// A handle of libcurl's, which keeps connections open from one request to the next. One thread at a time has it.
final class CurlHandle: @unchecked Sendable {
  private let handle: UnsafeMutableRawPointer
  private let place: OpaquePointer
  private let message = UnsafeMutablePointer<CChar>.allocate(capacity: Int(CURL_ERROR_SIZE))
  private var headers: UnsafeMutablePointer<curl_slist>?

  private static let isReady = curl_global_init(Int(CURL_GLOBAL_DEFAULT)) == CURLE_OK

  /// - Throws: `NetworkError` where no memory is left.
  init() throws {
    guard Self.isReady, let handle = curl_easy_init(), let place = curl_url() else {
      throw NetworkError(.other("no memory is left"))
    }
    (self.handle, self.place) = (handle, place)
  }

  deinit {
    curl_easy_cleanup(handle)
    curl_url_cleanup(place)
    curl_slist_free_all(headers)
    message.deallocate()
  }

  /// Forgets all settings, and keeps the connections.
  func reset() throws {
    curl_easy_reset(handle)
    curl_slist_free_all(headers)
    headers = nil
    message.pointee = 0
    try set(CURLOPT_ERRORBUFFER, UnsafeRawPointer(message))
    // Signals belong to the program.
    try set(CURLOPT_NOSIGNAL, 1)
  }

  func set(_ option: CURLoption, _ number: Int) throws { try check(curl_set_number(handle, option, number)) }
  func set(_ option: CURLoption, _ text: String) throws { try check(curl_set_pointer(handle, option, text)) }
  func set(_ option: CURLoption, _ pointer: UnsafeRawPointer?) throws {
    try check(curl_set_pointer(handle, option, pointer))
  }
  func set(_ option: CURLoption, _ receiver: curl_write_callback) throws {
    try check(curl_set_receiver(handle, option, receiver))
  }
  func set(sender: curl_read_callback, seeker: curl_seek_callback) throws {
    try check(curl_set_sender(handle, sender))
    try check(curl_set_seeker(handle, seeker))
  }
  /// Has a body of `count` bytes sent, by a method such as PUT.
  func set(method: String, bodyCount count: Int) throws {
    try set(CURLOPT_UPLOAD, 1)
    try set(CURLOPT_CUSTOMREQUEST, method)
    try check(curl_set_body_count(handle, Int64(count)))
  }
  func set(watcher: curl_xferinfo_callback) throws { try check(curl_set_watcher(handle, watcher)) }
  func set(certificates: Data) throws {
    try check(certificates.withUnsafeBytes { curl_set_certificates(handle, $0.baseAddress, $0.count) })
    // Nothing else is trusted, not even what the library brings.
    try set(CURLOPT_CAPATH, nil as UnsafeRawPointer?)
  }

  func set(headers lines: [(name: String, value: String)]) throws {
    for (name, value) in lines {
      guard let longer = curl_slist_append(headers, "\(name): \(value)") else {
        throw NetworkError(.other("no memory is left"))
      }
      headers = longer
    }
    try set(CURLOPT_HTTPHEADER, UnsafeRawPointer(headers))
  }

  /// Sets the address part by part, so that libcurl asks the very host that was looked at, whatever it would read in a text.
  func set(_ address: URL) throws {
    let host = address.host() ?? ""
    let parts: [(CURLUPart, String?)] = [
      (CURLUPART_SCHEME, address.scheme),
      (CURLUPART_HOST, host.contains(":") && !host.hasPrefix("[") ? "[\(host)]" : host),
      (CURLUPART_PORT, address.port.map(String.init)),
    ]
    for (part, text) in parts {
      guard curl_url_set(place, part, text, 0) == CURLUE_OK else {
        throw NetworkError(.other("its address cannot be asked"))
      }
    }
    try set(CURLOPT_CURLU, UnsafeRawPointer(place))
    // As it was given: signatures may depend on how it is written.
    let path = address.path().isEmpty ? "/" : address.path()
    try set(CURLOPT_REQUEST_TARGET, path + (address.query().map { "?\($0)" } ?? ""))
  }

  /// Sends the request and receives the answer; returns when that is over.
  func perform() throws { try check(curl_easy_perform(handle)) }

  /// The answer's status.
  var status: Int { curl_number(handle, CURLINFO_RESPONSE_CODE) }

  private func check(_ code: CURLcode) throws {
    guard code != CURLE_OK else { return }
    throw NetworkError(
      code, text: String(cString: message), proxyStatus: curl_number(handle, CURLINFO_HTTP_CONNECTCODE))
  }
}
