import CLzma

/// Unpacks a sequence of xz streams.
final class XZUnpacker: Unpacker {
  /// The most memory that a file may ask for; xz's own strongest setting needs a quarter of it.
  private static let mostMemory: UInt64 = 256 << 20

  // The decoder's state points back at the stream, which therefore must stay where it is.
  private let stream: UnsafeMutablePointer<lzma_stream>
  private var streamsDone = 0
  private(set) var isBetweenMembers = false

  init?() {
    stream = .allocate(capacity: 1)
    stream.initialize(to: lzma_stream())
    // It is told where the file ends by the end of a stream, and goes on with the next one.
    guard lzma_stream_decoder(stream, Self.mostMemory, 0) == LZMA_OK else { return nil }
  }

  deinit {
    lzma_end(stream)
    stream.deallocate()
  }

  func unpack(_ input: ArraySlice<UInt8>, into output: UnsafeMutableRawBufferPointer) -> UnpackingStep {
    var skipped = 0
    if isBetweenMembers {
      // Zeros may stand between streams and behind the last one.
      skipped = input.prefix { $0 == 0 }.count
      guard skipped < input.count else { return UnpackingStep(consumed: skipped) }
      guard lzma_stream_decoder(stream, Self.mostMemory, 0) == LZMA_OK else {
        return UnpackingStep(problem: "no memory to unpack xz")
      }
      isBetweenMembers = false
    }
    return input.dropFirst(skipped).withUnsafeBytes { input in
      stream.pointee.next_in = input.bindMemory(to: UInt8.self).baseAddress
      stream.pointee.avail_in = input.count
      stream.pointee.next_out = output.bindMemory(to: UInt8.self).baseAddress
      stream.pointee.avail_out = output.count
      let status = lzma_code(stream, LZMA_RUN)
      var step = UnpackingStep(
        consumed: skipped + input.count - stream.pointee.avail_in, produced: output.count - stream.pointee.avail_out)
      switch status {
      case LZMA_OK, LZMA_BUF_ERROR: break
      case LZMA_STREAM_END:
        isBetweenMembers = true
        streamsDone += 1
      case LZMA_MEMLIMIT_ERROR:
        step.problem = "unpacking the xz data takes more than \(Self.mostMemory >> 20) MB of memory; unpack it first"
      case LZMA_MEM_ERROR: step.problem = "no memory to unpack xz"
      case LZMA_FORMAT_ERROR:
        step.problem = streamsDone == 0 ? "the file is not xz" : "other data follows the end of the xz data"
      default: step.problem = "the xz data is damaged"
      }
      return step
    }
  }
}
