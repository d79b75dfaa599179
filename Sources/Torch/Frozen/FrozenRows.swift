/// A frozen matrix's numbers, row by row, in one of the formats.
protocol FrozenRows {
  /// Multiples of so many rows are stored apart from all others.
  var unit: Int { get }

  /// Takes the numbers of rows of which the first is a multiple of `unit`; the last one ends a unit or the matrix.
  func store(_ rows: Range<Int>, from numbers: UnsafePointer<Float>)
  /// Called once, when all rows are stored.
  mutating func seal() throws
  /// The numbers of some rows, as products have them.
  func widen(_ rows: Range<Int>, into numbers: UnsafeMutablePointer<Float>)
  /// Where its numbers lie, but for their scales, and how many bytes that are.
  var block: (memory: HostMemory, byteCount: Int) { get }
  /// The whole matrix, where its numbers lie in memory in this type.
  func matrix(_ dtype: DType) -> Tensor?
}

extension FrozenRows {
  var unit: Int { 1 }
  func matrix(_ dtype: DType) -> Tensor? { nil }
  mutating func seal() {}
}
