import CBrotli
import CZlib
import CZstd

/// Unpacks pages, whose length when unpacked is known.
final class PageUnpacker {
  private var zstandard: OpaquePointer?

  deinit { ZSTD_freeDCtx(zstandard) }

  /// Fills `output` with what `input` holds, packed by the codec of that number in parquet.thrift.
  /// - Throws: `Problem` for a codec that is not supported, for damage, and where the length is another.
  func unpack(
    _ input: UnsafeRawBufferPointer, codec: Int, into output: UnsafeMutableRawBufferPointer
  ) throws(Problem) {
    // Nothing may be packed to nothing at all, by any codec: so is a dictionary of a column that is null throughout.
    if output.isEmpty, input.isEmpty { return }
    switch codec {
    case 0:
      guard input.count == output.count else { throw Problem("a page's two lengths differ although it is not packed") }
      output.copyMemory(from: input)
    case 1: try Snappy.unpack(input, into: output)
    case 2: try unpackGzip(input, into: output)
    case 4: try unpackBrotli(input, into: output)
    case 5: try LZ4.unpackFramed(input, into: output)
    case 6: try unpackZstandard(input, into: output)
    case 7: try LZ4.unpack(input, into: output)
    default: throw Self.unsupported(codec)
    }
  }

  private static func unsupported(_ codec: Int) -> Problem {
    guard codec == 3 else { return Problem("codec \(codec) is unknown") }
    return Problem("LZO compression is not supported; write the file with Zstandard, Snappy, gzip or none")
  }

  private func unpackZstandard(
    _ input: UnsafeRawBufferPointer, into output: UnsafeMutableRawBufferPointer
  ) throws(Problem) {
    if zstandard == nil { zstandard = ZSTD_createDCtx() }
    guard let zstandard else { throw Problem("no memory to unpack Zstandard") }
    let count = ZSTD_decompressDCtx(zstandard, output.baseAddress, output.count, input.baseAddress, input.count)
    guard ZSTD_isError(count) == 0 else {
      throw Problem("the Zstandard data are damaged (\(String(cString: ZSTD_getErrorName(count))))")
    }
    guard count == output.count else { throw Self.length(count, output.count) }
  }

  private func unpackBrotli(
    _ input: UnsafeRawBufferPointer, into output: UnsafeMutableRawBufferPointer
  ) throws(Problem) {
    var count = output.count
    let result = BrotliDecoderDecompress(
      input.count, input.bindMemory(to: UInt8.self).baseAddress, &count,
      output.bindMemory(to: UInt8.self).baseAddress)
    guard result == BROTLI_DECODER_RESULT_SUCCESS else { throw Problem("the Brotli data are damaged") }
    guard count == output.count else { throw Self.length(count, output.count) }
  }

  /// gzip members, one behind the other, or a zlib stream, which some writers put instead.
  private func unpackGzip(
    _ input: UnsafeRawBufferPointer, into output: UnsafeMutableRawBufferPointer
  ) throws(Problem) {
    // zlib's state points back at the stream, which therefore must stay where it is.
    let stream = UnsafeMutablePointer<z_stream>.allocate(capacity: 1)
    defer { stream.deallocate() }
    stream.initialize(to: z_stream())
    // A window of 2^15 bytes, plus 32 for either kind of header.
    guard inflateInit2_(stream, 15 + 32, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size)) == Z_OK else {
      throw Problem("no memory to unpack gzip")
    }
    defer { inflateEnd(stream) }
    stream.pointee.next_in = UnsafeMutablePointer(mutating: input.bindMemory(to: UInt8.self).baseAddress)
    stream.pointee.avail_in = UInt32(clamping: input.count)
    stream.pointee.next_out = output.bindMemory(to: UInt8.self).baseAddress
    stream.pointee.avail_out = UInt32(clamping: output.count)
    while true {
      let status = inflate(stream, Z_FINISH)
      guard status == Z_STREAM_END else {
        let isTooLong = status == Z_BUF_ERROR && stream.pointee.avail_out == 0
        let reason = stream.pointee.msg.map { String(cString: $0) } ?? "cut off"
        throw Problem(isTooLong ? "a page is longer than its header says" : "the gzip data are damaged (\(reason))")
      }
      if stream.pointee.avail_in == 0 { break }
      inflateReset(stream)
    }
    guard stream.pointee.avail_out == 0 else {
      throw Self.length(output.count - Int(stream.pointee.avail_out), output.count)
    }
  }

  static func length(_ found: Int, _ promised: Int) -> Problem {
    Problem("a page unpacks to \(found) bytes, not to the \(promised) that its header promises")
  }
}
