import CCurl
import Foundation
import JSON
import Parallel
import Wording

/// Why a request failed, as it goes on from "the service".
package struct RequestFailure: Error {
  package let reason: String
  /// Whether it may succeed when tried again.
  package let isPassing: Bool
  /// The seconds that the service asks to wait; nil where it does not say.
  package var retryAfter: Int?
}

/// Sends JSON to an address, by the system's libcurl. Call it where broken pipes are no signals.
/// - Parameter headers: further lines of the request's head.
/// - Returns: the body of a reply of status 200, of at most a MiB.
package func post(
  _ body: [UInt8], to address: String, headers own: [String] = [], within limit: Duration
) -> Result<[UInt8], RequestFailure> {
  guard isReady, let handle = curl_easy_init() else {
    return .failure(RequestFailure(reason: "cannot be asked: no memory is left", isPassing: false))
  }
  let lines = ["Content-Type: application/json", "Accept: application/json", "Expect:"] + own
  let headers = lines.reduce(nil) { (list, line: String) in curl_slist_append(list, line) }
  defer {
    curl_easy_cleanup(handle)
    curl_slist_free_all(headers)
  }
  let reply = Reply()
  let code = body.withUnsafeBytes { body in
    let settings = [
      curl_set_pointer(handle, CURLOPT_URL, address), curl_set_pointer(handle, CURLOPT_USERAGENT, "caravan"),
      curl_set_pointer(handle, CURLOPT_HTTPHEADER, headers.map { UnsafeRawPointer($0) }),
      curl_set_number(handle, CURLOPT_NOSIGNAL, 1), curl_set_number(handle, CURLOPT_CONNECTTIMEOUT_MS, 10_000),
      curl_set_number(handle, CURLOPT_TIMEOUT_MS, max(1, Int(limit / .milliseconds(1)))),
      curl_set_pointer(handle, CURLOPT_POSTFIELDS, body.baseAddress),
      curl_set_number(handle, CURLOPT_POSTFIELDSIZE, body.count),
      curl_set_pointer(handle, CURLOPT_WRITEDATA, UnsafeRawPointer(Unmanaged.passUnretained(reply).toOpaque())),
      curl_set_receiver(handle, CURLOPT_WRITEFUNCTION) { bytes, size, count, context in
        guard let context else { return 0 }
        let reply = Unmanaged<Reply>.fromOpaque(context).takeUnretainedValue()
        return reply.add(UnsafeRawBufferPointer(start: bytes, count: size * count)) ? count : 0
      },
    ]
    return settings.first { $0 != CURLE_OK } ?? curl_easy_perform(handle)
  }
  // The reply is written to up to here.
  return withExtendedLifetime(reply) {
    guard code == CURLE_OK else {
      if reply.isTooLong {
        return .failure(RequestFailure(reason: "replied with more than \(Reply.longest >> 20) MiB", isPassing: false))
      }
      let reason =
        code == CURLE_OPERATION_TIMEDOUT
        ? "gave no reply within \(limit)" : "cannot be asked: \(String(cString: curl_easy_strerror(code)))"
      return .failure(RequestFailure(reason: reason, isPassing: true))
    }
    let status = curl_number(handle, CURLINFO_RESPONSE_CODE)
    guard status == 200 else {
      let asked = curl_number(handle, CURLINFO_RETRY_AFTER)
      return .failure(
        RequestFailure(
          reason: "replied with status \(status)\(said(reply.bytes))", isPassing: status == 429 || status >= 500,
          retryAfter: asked > 0 ? asked : nil))
    }
    return .success(reply.bytes)
  }
}

/// What a service says of a failure in the way of OpenAI's: `{"error": {"message": "why"}}`.
private func said(_ reply: [UInt8]) -> String {
  guard let text = (try? JSON(parsing: reply))?["error"]?["message"]?.string else { return "" }
  return " (it says: \(plainLine(text, limit: 200)))"
}

/// The same from a thread of its own, so that whoever waits holds none.
package func post(
  _ body: [UInt8], to address: String, within limit: Duration
) async -> Result<[UInt8], RequestFailure> {
  await withCheckedContinuation { continuation in
    let thread = startThread {
      blockBrokenPipes()
      continuation.resume(returning: post(body, to: address, within: limit))
    }
    if let thread {
      pthread_detach(thread)
    } else {
      let failure = RequestFailure(reason: "cannot be asked: the system has no thread for it", isPassing: true)
      continuation.resume(returning: .failure(failure))
    }
  }
}

private let isReady = curl_global_init(Int(CURL_GLOBAL_DEFAULT)) == CURLE_OK

/// What a service sends.
private final class Reply {
  static let longest = 1 << 20
  private(set) var bytes: [UInt8] = []
  private(set) var isTooLong = false

  func add(_ part: UnsafeRawBufferPointer) -> Bool {
    isTooLong = bytes.count + part.count > Self.longest
    if !isTooLong { bytes += part }
    return !isTooLong
  }
}
