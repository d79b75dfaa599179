import CZstd

/// Unpacks a sequence of Zstandard frames.
final class ZstandardUnpacker: Unpacker {
  private let context: OpaquePointer
  private var framesDone = 0
  private(set) var isBetweenMembers = false

  init?() {
    guard let context = ZSTD_createDCtx() else { return nil }
    self.context = context
  }

  deinit { ZSTD_freeDCtx(context) }

  func unpack(_ input: ArraySlice<UInt8>, into output: UnsafeMutableRawBufferPointer) -> UnpackingStep {
    input.withUnsafeBytes { input in
      var source = ZSTD_inBuffer(src: input.baseAddress, size: input.count, pos: 0)
      var target = ZSTD_outBuffer(dst: output.baseAddress, size: output.count, pos: 0)
      let left = ZSTD_decompressStream(context, &target, &source)
      var step = UnpackingStep(consumed: source.pos, produced: target.pos)
      guard ZSTD_isError(left) == 0 else {
        let reason = String(cString: ZSTD_getErrorName(left))
        let isOther = ZSTD_getErrorCode(left) == ZSTD_error_prefix_unknown
        step.problem =
          !isOther
          ? "the Zstandard data is damaged (\(reason))"
          : framesDone == 0 ? "the file is not Zstandard" : "other data follows the end of the Zstandard data"
        return step
      }
      isBetweenMembers = left == 0
      if left == 0 { framesDone += 1 }
      return step
    }
  }
}
