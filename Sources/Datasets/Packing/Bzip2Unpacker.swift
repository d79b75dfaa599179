import CBzip2

/// Unpacks a sequence of bzip2 streams.
final class Bzip2Unpacker: Unpacker {
  // bzip2's state points back at the stream, which therefore must stay where it is.
  private let stream: UnsafeMutablePointer<bz_stream>
  private var streamsDone = 0
  private(set) var isBetweenMembers = false

  init?() {
    stream = .allocate(capacity: 1)
    stream.initialize(to: bz_stream())
    guard BZ2_bzDecompressInit(stream, 0, 0) == BZ_OK else { return nil }
  }

  deinit {
    BZ2_bzDecompressEnd(stream)
    stream.deallocate()
  }

  func unpack(_ input: ArraySlice<UInt8>, into output: UnsafeMutableRawBufferPointer) -> UnpackingStep {
    if isBetweenMembers {
      BZ2_bzDecompressEnd(stream)
      stream.pointee = bz_stream()
      guard BZ2_bzDecompressInit(stream, 0, 0) == BZ_OK else {
        return UnpackingStep(problem: "no memory to unpack bzip2")
      }
      isBetweenMembers = false
    }
    return input.withUnsafeBytes { input in
      stream.pointee.next_in = UnsafeMutablePointer(mutating: input.bindMemory(to: CChar.self).baseAddress)
      stream.pointee.avail_in = UInt32(clamping: input.count)
      stream.pointee.next_out = output.bindMemory(to: CChar.self).baseAddress
      stream.pointee.avail_out = UInt32(clamping: output.count)
      let status = BZ2_bzDecompress(stream)
      var step = UnpackingStep(
        consumed: input.count - Int(stream.pointee.avail_in), produced: output.count - Int(stream.pointee.avail_out))
      switch status {
      case BZ_OK: break
      case BZ_STREAM_END:
        isBetweenMembers = true
        streamsDone += 1
      case BZ_DATA_ERROR_MAGIC:
        step.problem = streamsDone == 0 ? "the file is not bzip2" : "other data follows the end of the bzip2 data"
      case BZ_MEM_ERROR: step.problem = "no memory to unpack bzip2"
      default: step.problem = "the bzip2 data is damaged"
      }
      return step
    }
  }
}
