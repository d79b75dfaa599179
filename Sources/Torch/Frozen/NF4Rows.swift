import CKernels

/// Rows of numbers in NF4. Blocks run over the rows' ends, as bitsandbytes has them.
struct NF4Rows: FrozenRows {
  private let columns: Int
  /// The numbers of the matrix.
  private let count: Int
  private let codes: HostMemory
  private var scales: Scales

  private enum Scales {
    case numbers(Tensor)
    case doubled(DoubledScales)
  }

  init(_ rows: Int, _ columns: Int, isReserved: Bool) throws {
    self.columns = columns
    count = rows * columns
    codes = try HostMemory.room(count.divided(by: 2), isReserved: isReserved)
    scales = .numbers(try Tensor(uninitialized: [count.divided(by: CK_NF4_BLOCK)]))
  }

  /// A matrix from a file.
  init(_ rows: Int, _ columns: Int, _ stored: NF4Bytes, codesOf owner: AnyObject?, isReserved: Bool) throws {
    self.columns = columns
    count = rows * columns
    if let owner, !isReserved {
      precondition(stored.codes.count == count.divided(by: 2))
      codes = HostMemory(borrowing: stored.codes.baseAddress!, of: owner)
    } else {
      codes = try HostMemory.copy(of: stored.codes, byteCount: count.divided(by: 2), isReserved: isReserved)
    }
    let blocks = count.divided(by: CK_NF4_BLOCK)
    if let doubling = stored.doubling {
      scales = .doubled(try DoubledScales(blocks, stored.scales, doubling))
    } else {
      let numbers = try Tensor(uninitialized: [blocks])
      numbers.copyBytes(stored.scales)
      scales = .numbers(numbers)
    }
  }

  var block: (memory: HostMemory, byteCount: Int) { (codes, count.divided(by: 2)) }

  /// The rows after which a block ends where a row does.
  var unit: Int {
    var unit = 1
    while unit * columns % CK_NF4_BLOCK != 0 { unit *= 2 }
    return unit
  }

  func store(_ rows: Range<Int>, from numbers: UnsafePointer<Float>) {
    guard case .numbers(let scales) = scales else { preconditionFailure("the matrix is sealed") }
    let (start, count) = (rows.lowerBound * columns, rows.count * columns)
    ck_nf4_quantize(
      numbers, Int64(count), bytes + start / 2, scales.floats + start / CK_NF4_BLOCK, 0,
      Int64(count.divided(by: CK_NF4_BLOCK)))
  }

  /// Quantizes the scales themselves (double quantization).
  mutating func seal() throws {
    if case .numbers(let numbers) = scales { scales = .doubled(try DoubledScales(numbers)) }
  }

  func widen(_ rows: Range<Int>, into numbers: UnsafeMutablePointer<Float>) {
    var weights = ck_nf4()
    weights.codes = UnsafePointer(bytes)
    switch scales {
    case .numbers(let scales): weights.scales = UnsafePointer(scales.floats)
    case .doubled(let scales): scales.describe(in: &weights)
    }
    ck_nf4_widen(&weights, numbers, Int64(rows.lowerBound * columns), Int64(rows.upperBound * columns))
  }

  private var bytes: UnsafeMutablePointer<UInt8> { codes.base.assumingMemoryBound(to: UInt8.self) }
}
