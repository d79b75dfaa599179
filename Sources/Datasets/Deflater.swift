import CZlib

/// Packs bytes as one gzip member with zlib.
package final class Deflater {
  // zlib's state points back at the stream, which therefore must stay where it is.
  private let stream: UnsafeMutablePointer<z_stream>
  private var output = [UInt8](repeating: 0, count: 1 << 16)

  /// nil where there is no memory for it.
  package init?() {
    stream = .allocate(capacity: 1)
    stream.initialize(to: z_stream())
    // A window of 2^15 bytes, plus 16 for a gzip header; memory level 8 is zlib's default.
    let status = deflateInit2_(
      stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY, ZLIB_VERSION,
      Int32(MemoryLayout<z_stream>.size))
    guard status == Z_OK else {
      stream.deallocate()
      return nil
    }
  }

  deinit {
    deflateEnd(stream)
    stream.deallocate()
  }

  /// Packs all of `input`, and the end of the member behind it where `isLast`; `write` gets what is ready, in pieces.
  package func pack(
    _ input: [UInt8], isLast: Bool, write: (UnsafeRawBufferPointer) throws -> Void
  ) throws {
    try input.withUnsafeBytes { input in
      // deflate only reads what next_in points at.
      stream.pointee.next_in = UnsafeMutablePointer(mutating: input.bindMemory(to: UInt8.self).baseAddress)
      stream.pointee.avail_in = UInt32(clamping: input.count)
      repeat {
        try output.withUnsafeMutableBytes { output in
          stream.pointee.next_out = output.bindMemory(to: UInt8.self).baseAddress
          stream.pointee.avail_out = UInt32(clamping: output.count)
          deflate(stream, isLast ? Z_FINISH : Z_NO_FLUSH)
          try write(UnsafeRawBufferPointer(rebasing: output.dropLast(Int(stream.pointee.avail_out))))
        }
        // A full buffer means that there is more to come.
      } while stream.pointee.avail_out == 0
    }
  }
}
