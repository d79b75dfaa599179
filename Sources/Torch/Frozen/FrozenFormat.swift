import CKernels

/// How a matrix that does not train is kept.
public enum FrozenFormat: String, Sendable, CaseIterable {
  /// As it is.
  case float32
  /// Half the memory: 8 significant bits, to which other numbers are rounded with a fixed dither; see
  /// `Tensor.dithered(from:)`.
  case bfloat16
  /// A quarter of the memory: integers of 8 bits, with a scale for 128 columns of a row. On a real model's matrices the error
  /// is 0.7% of the numbers' size; a scale for a whole row makes it 0.9%, and one for 64 columns 0.6%, for twice as many
  /// scales.
  case int8
  /// An eighth of the memory: NormalFloat of 4 bits with scales of 8 bits (QLoRA, arXiv 2305.14314), as bitsandbytes has it.
  /// The error is some 9% of the numbers' size.
  case nf4

  /// Bytes of a matrix.
  public func byteCount(rows: Int, columns: Int) -> Int {
    let count = rows * columns
    switch self {
    case .float32: return 4 * count
    case .bfloat16: return 2 * count
    case .int8: return count + 4 * rows * columns.divided(by: CK_INT8_BLOCK)
    case .nf4:
      let scales = count.divided(by: CK_NF4_BLOCK)
      return count.divided(by: 2) + scales + 4 * (scales.divided(by: CK_DYNAMIC_BLOCK) + 256)
    }
  }

  /// Room for a matrix.
  /// - Parameters:
  ///   - place: that of its first number among all of the model's.
  ///   - isReserved: whether its numbers may be discarded.
  func room(rows: Int, columns: Int, place: Int, isReserved: Bool) throws -> any FrozenRows {
    switch self {
    case .float32: try PlainRows(rows, columns, .float32, place: place, isReserved: isReserved)
    case .bfloat16: try PlainRows(rows, columns, .bfloat16, place: place, isReserved: isReserved)
    case .int8: try Int8Rows(rows, columns, isReserved: isReserved)
    case .nf4: try NF4Rows(rows, columns, isReserved: isReserved)
    }
  }
}
