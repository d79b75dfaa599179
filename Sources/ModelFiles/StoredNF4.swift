import CKernels

/// A matrix that bitsandbytes quantized to NF4 (QLoRA, arXiv 2305.14314): the tensors that a file has in its place.
public final class StoredNF4: Sendable {
  /// Two numbers a byte, the first in the high half; as bytes, whatever type they are stored as.
  public let codes: StoredTensor
  /// For each 64 numbers, row by row, a scale: in float32, or in 8 bits where there is a `doubling`.
  public let scales: StoredTensor
  /// What scales of 8 bits mean.
  public let doubling: Doubling?

  /// Double quantization: a scale is map[code] · scales[block of 256] + offset.
  public struct Doubling: Sendable {
    /// 256 float32 values.
    public let map: StoredTensor
    /// For each 256 scales one of their own, in float32.
    public let scales: StoredTensor
    /// The scales' mean.
    public let offset: Float
  }

  init(codes: StoredTensor, scales: StoredTensor, doubling: Doubling?) {
    (self.codes, self.scales, self.doubling) = (codes, scales, doubling)
  }

  /// The tensors that are as large as the matrix, or nearly.
  var parts: [StoredTensor] { [codes, scales] }

  // Numbers that are in float32 at a time.
  private static let piece = 1 << 20

  /// Fills `output` with the matrix's numbers, row by row: the products of values and scales in float32, rounded to `type`.
  func widen(to type: ElementType, into output: UnsafeMutableRawBufferPointer) {
    let count = output.count / type.size
    let piece = UnsafeMutableBufferPointer<Float>.allocate(capacity: min(count, Self.piece))
    defer { piece.deallocate() }
    withKernel { weights in
      for start in stride(from: 0, to: count, by: Self.piece) {
        let end = min(start + Self.piece, count)
        ck_nf4_widen(weights, piece.baseAddress, Int64(start), Int64(end))
        FloatConversion.narrow(
          UnsafeBufferPointer(rebasing: piece[..<(end - start)]), to: type,
          into: UnsafeMutableRawBufferPointer(rebasing: output[start * type.size..<end * type.size]))
      }
    }
  }

  /// Calls `body` with the tensors as the kernels have them; scales are copied to where numbers may lie.
  private func withKernel(_ body: (UnsafePointer<ck_nf4>) -> Void) {
    codes.withBytes { codes in
      scales.withBytes { bytes in
        var weights = ck_nf4()
        weights.codes = codes.baseAddress?.assumingMemoryBound(to: UInt8.self)
        guard let doubling else {
          return scales.numbers.withUnsafeBufferPointer {
            weights.scales = $0.baseAddress
            body(&weights)
          }
        }
        weights.scale_codes = bytes.baseAddress?.assumingMemoryBound(to: UInt8.self)
        weights.scale_offset = doubling.offset
        doubling.map.numbers.withUnsafeBufferPointer { map in
          doubling.scales.numbers.withUnsafeBufferPointer { scales in
            (weights.map, weights.scale_scales) = (map.baseAddress, scales.baseAddress)
            body(&weights)
          }
        }
      }
    }
  }
}

extension StoredTensor {
  /// The numbers of a tensor that was checked to hold float32.
  fileprivate var numbers: [Float] { (try? floats()) ?? [] }
}
