import Foundation

/// Writes all bytes to an open file: goes on where the system takes a part, or breaks off for a signal.
/// - Parameter offset: their place in the file; without it, they go where the file stands.
/// - Returns: 0, or the number of the system's error (`errno`); a part may be written then.
public func writeAll(_ bytes: some ContiguousBytes, to descriptor: Int32, at offset: Int? = nil) -> Int32 {
  bytes.withUnsafeBytes { bytes in
    var done = 0
    while let start = bytes.baseAddress, done < bytes.count {
      let (place, rest) = (start + done, bytes.count - done)
      let count = offset.map { pwrite(descriptor, place, rest, off_t($0 + done)) } ?? write(descriptor, place, rest)
      if count < 0 && errno == EINTR { continue }
      // Nothing at all for some bytes is no answer that the system may give; asking again would have no end.
      guard count > 0 else { return count < 0 ? errno : EIO }
      done += count
    }
    return 0
  }
}
