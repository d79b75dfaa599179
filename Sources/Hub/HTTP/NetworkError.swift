import CCurl

/// Why a request came to no end.
struct NetworkError: Error {
  enum Reason {
    case unreachable, silent, broken
    /// What is to be sent cannot be read.
    case unreadable
    /// The server's certificate is not trusted, for the reason that libcurl says.
    case untrusted(String)
    /// There is nothing to check certificates with.
    case noCertificates
    /// The proxy does not connect, and answers this status.
    case refusedByProxy(Int)
    /// Whatever else libcurl says.
    case other(String)
  }

  let reason: Reason

  init(_ reason: Reason) { self.reason = reason }

  /// What libcurl's code means.
  /// - Parameters:
  ///   - text: what libcurl says of the case.
  ///   - proxyStatus: what the proxy answered; 0 for nothing.
  init(_ code: CURLcode, text: String, proxyStatus: Int) {
    let said = text.isEmpty ? String(cString: curl_easy_strerror(code)) : text
    reason =
      switch code {
      case _ where proxyStatus >= 300: .refusedByProxy(proxyStatus)
      case CURLE_COULDNT_RESOLVE_HOST, CURLE_COULDNT_RESOLVE_PROXY, CURLE_COULDNT_CONNECT: .unreachable
      case CURLE_OPERATION_TIMEDOUT: .silent
      case CURLE_PARTIAL_FILE, CURLE_GOT_NOTHING, CURLE_SEND_ERROR, CURLE_RECV_ERROR: .broken
      case CURLE_PEER_FAILED_VERIFICATION: .untrusted(said)
      case CURLE_SSL_CACERT_BADFILE: .noCertificates
      default: .other(said)
      }
  }
}
