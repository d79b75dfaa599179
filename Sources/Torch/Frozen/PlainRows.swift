import CKernels

/// Rows of float32 or bfloat16 numbers.
struct PlainRows: FrozenRows {
  private let values: Tensor
  /// Of the first number among all of the model's.
  private let place: Int
  private var columns: Int { values.shape[1] }

  init(_ rows: Int, _ columns: Int, _ dtype: DType, place: Int, isReserved: Bool) throws {
    self.place = place
    let shape = [rows, columns]
    values = try isReserved ? Tensor(reserving: shape, dtype: dtype) : Tensor(uninitialized: shape, dtype: dtype)
  }

  /// Numbers that lie where they are, and are only read.
  init(_ values: Tensor, place: Int) { (self.values, self.place) = (values, place) }

  var block: (memory: HostMemory, byteCount: Int) { (values.memory, values.count * values.dtype.size) }

  func matrix(_ dtype: DType) -> Tensor? { values.dtype == dtype ? values : nil }

  func store(_ rows: Range<Int>, from numbers: UnsafePointer<Float>) {
    let (start, count) = (rows.lowerBound * columns, rows.count * columns)
    switch values.dtype {
    case .float32: (values.floats + start).update(from: numbers, count: count)
    case .bfloat16: ck_dither(numbers, halves + start, Int64(place + start), 0, Int64(count))
    }
  }

  func widen(_ rows: Range<Int>, into numbers: UnsafeMutablePointer<Float>) {
    let (start, count) = (rows.lowerBound * columns, rows.count * columns)
    switch values.dtype {
    case .float32: numbers.update(from: values.floats + start, count: count)
    case .bfloat16: ck_from_bfloat16(halves + start, numbers, 0, 0, Int64(count))
    }
  }

  private var halves: UnsafeMutablePointer<UInt16> { values.bytes.assumingMemoryBound(to: UInt16.self) }
}
