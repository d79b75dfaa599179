import CKernels

/// Rows of integers of 8 bits, with a scale for each block of a row's columns.
struct Int8Rows: FrozenRows {
  private let columns: Int
  private let integers: HostMemory
  /// Rows × blocks.
  private let scales: Tensor

  init(_ rows: Int, _ columns: Int, isReserved: Bool) throws {
    self.columns = columns
    integers = try HostMemory.room(rows * columns, isReserved: isReserved)
    scales = try Tensor(uninitialized: [rows, columns.divided(by: CK_INT8_BLOCK)])
  }

  var block: (memory: HostMemory, byteCount: Int) { (integers, scales.shape[0] * columns) }

  func store(_ rows: Range<Int>, from numbers: UnsafePointer<Float>) {
    let (integers, scales) = place(rows.lowerBound)
    ck_int8_quantize(numbers, integers, scales, Int64(columns), 0, Int64(rows.count))
  }

  func widen(_ rows: Range<Int>, into numbers: UnsafeMutablePointer<Float>) {
    let (integers, scales) = place(rows.lowerBound)
    ck_int8_widen(integers, scales, numbers, Int64(columns), 0, Int64(rows.count))
  }

  /// Where a row begins.
  private func place(_ row: Int) -> (UnsafeMutablePointer<Int8>, UnsafeMutablePointer<Float>) {
    (
      integers.base.assumingMemoryBound(to: Int8.self) + row * columns,
      scales.floats + row * scales.shape[1]
    )
  }
}
