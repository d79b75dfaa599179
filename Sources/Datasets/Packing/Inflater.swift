import CZlib
import JSON

/// Unpacks a sequence of gzip members with zlib.
final class Inflater: Unpacker {
  // zlib's state points back at the stream, which therefore must stay where it is.
  private let stream: UnsafeMutablePointer<z_stream>
  private var membersDone = 0
  /// Whether a member has just ended, so that the file may end here as well.
  private(set) var isBetweenMembers = false

  init?() {
    stream = .allocate(capacity: 1)
    stream.initialize(to: z_stream())
    // A window of 2^15 bytes, plus 16 for a gzip header and nothing else.
    let status = inflateInit2_(stream, 15 + 16, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
    guard status == Z_OK else { return nil }
  }

  deinit {
    inflateEnd(stream)
    stream.deallocate()
  }

  /// Unpacks some of `input` into the front of `output`.
  func unpack(_ input: ArraySlice<UInt8>, into output: UnsafeMutableRawBufferPointer) -> UnpackingStep {
    if isBetweenMembers {
      inflateReset(stream)
      isBetweenMembers = false
    }
    return input.withUnsafeBytes { input in
      stream.pointee.next_in = UnsafeMutablePointer(
        mutating: input.bindMemory(to: UInt8.self).baseAddress)
      stream.pointee.avail_in = UInt32(clamping: input.count)
      stream.pointee.next_out = output.bindMemory(to: UInt8.self).baseAddress
      stream.pointee.avail_out = UInt32(clamping: output.count)
      let status = inflate(stream, Z_NO_FLUSH)
      var step = UnpackingStep()
      step.consumed = input.count - Int(stream.pointee.avail_in)
      step.produced = output.count - Int(stream.pointee.avail_out)
      switch status {
      case Z_OK, Z_BUF_ERROR: break
      case Z_STREAM_END:
        isBetweenMembers = true
        membersDone += 1
      default: step.problem = problem
      }
      return step
    }
  }

  private var problem: String {
    let reason = stream.pointee.msg.map { String(cString: $0) } ?? "unknown error"
    guard reason == "incorrect header check" else { return "the gzip data is damaged (\(reason))" }
    return membersDone == 0 ? "the file is not gzip" : "other data follows the end of the gzip data"
  }
}
