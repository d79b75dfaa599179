import CKernels

/// out (+)= a · b in float32, or of two factors in bfloat16 with sums in float32, by kernels of our own, which use all of AVX-512
/// where the BLAS in libtorch does not (it does on Intel's processors, and takes half of it on others).
///
/// The factors are copied, a block at a time, into panels that stream through the caches; a tile of the result stays in
/// registers (Goto and van de Geijn, ACM TOMS 34(3), 2008). A first factor whose rows are contiguous is read where it lies, and so
/// is a second one that serves few rows only.
/// The result does not depend on the number of threads. Numbers in bfloat16 are multiplied in pairs, those of two neighbours
/// along K, each of which takes the place of a float: the depth of a block is one of pairs then.
package struct BlockedProduct {
  /// Whether the processor is one for which these kernels are the faster way.
  package static let isSupported = ck_products_pay() != 0
  /// The same for factors in bfloat16.
  package static let isSupportedInBFloat16 = ck_bfloat16_products_pay() != 0

  /// Whether a product is of a size for which this is the faster way: where the copying is little beside the work.
  static func pays(_ a: Tensor, _ b: Tensor) -> Bool {
    a.shape[0] >= (readsFewRows(a, b) ? 8 : 16) && a.shape[0] * a.shape[1] * b.shape[1] >= 1 << 18
  }

  let a: Tensor
  let b: Tensor
  let out: Tensor
  let accumulating: Bool

  // A block of a has rows × depth, one of b depth × columns: both and the part of the result, to which one depth after
  // another is added, fit the shared cache. A unit of work is a part of the two that fits a core's own cache.
  private static let rows = 2048
  private static let columns = 2048
  private static let depth = CK_PANEL_DEPTH
  private static let unitRows = 128
  private static let unitColumns = 512
  /// For so many rows copying the second factor would take as long as some of the work.
  private static let fewRows = 64

  package init(a: Tensor, b: Tensor, out: Tensor, accumulating: Bool) {
    self.a = a
    self.b = b
    self.out = out
    self.accumulating = accumulating
  }

  /// Whether factors in bfloat16 lie so that pairs of their numbers can be read.
  static func hasPairs(_ a: Tensor, _ b: Tensor) -> Bool {
    [a, b.transposed].allSatisfy { $0.strides[1] == 1 ? $0.lineIsPairs : $0.strides[0] == 1 }
  }

  /// Computes the product.
  package func callAsFunction() throws {
    let (M, K, N) = (a.shape[0], a.shape[1].divided(by: together), b.shape[1])
    let depth = Swift.min(K, Self.depth)
    let aPanels =
      hasContiguousRows
      ? nil : try Tensor(uninitialized: [Swift.min(M, Self.rows).rounded(upTo: CK_PANEL_ROWS), depth])
    let bPanels =
      readsFewRows
      ? nil : try Tensor(uninitialized: [Swift.min(N, Self.columns).rounded(upTo: CK_PANEL_COLUMNS), depth])
    for n in stride(from: 0, to: N, by: Self.columns) {
      for m in stride(from: 0, to: M, by: Self.rows) {
        for k in stride(from: 0, to: K, by: depth) {
          let block = Block(
            rows: m..<Swift.min(m + Self.rows, M), columns: n..<Swift.min(n + Self.columns, N),
            depth: k..<Swift.min(k + depth, K))
          try pack(block, aPanels, bPanels)
          try multiply(block, aPanels, bPanels)
        }
      }
    }
  }

  private struct Block {
    let rows: Range<Int>
    let columns: Range<Int>
    /// Of pairs, where numbers are multiplied in pairs.
    let depth: Range<Int>
  }

  /// How many numbers along K take the place of a float.
  private var together: Int { a.dtype == .bfloat16 ? 2 : 1 }

  private var hasContiguousRows: Bool { a.strides[1] == 1 && !readsFewRows }

  private var readsFewRows: Bool { Self.readsFewRows(a, b) }

  /// Whether the second factor is read where it lies.
  private static func readsFewRows(_ a: Tensor, _ b: Tensor) -> Bool {
    b.dtype == .float32 && a.shape[0] <= fewRows && b.strides[1] == 1 && b.shape[1].isMultiple(of: 16)
  }

  private func pack(_ block: Block, _ aPanels: Tensor?, _ bPanels: Tensor?) throws {
    if let aPanels { try pack(a, block.rows, block.depth, into: aPanels, width: CK_PANEL_ROWS) }
    if let bPanels { try pack(b.transposed, block.columns, block.depth, into: bPanels, width: CK_PANEL_COLUMNS) }
  }

  /// Packs some rows of a factor, which K runs along, in some depth.
  private func pack(
    _ factor: Tensor, _ rows: Range<Int>, _ depth: Range<Int>, into panels: Tensor, width: Int
  ) throws {
    let (own, count) = (Int64(width), Int64(rows.count))
    let start = rows.lowerBound * factor.strides[0] + depth.lowerBound * together * factor.strides[1]
    let rowStride = Int64(factor.strides[0] / (factor.strides[1] == 1 ? together : 1))
    let inPairs = together > 1 && factor.strides[1] != 1
    let K = Int64(Swift.min(depth.count * together, factor.shape[1] - depth.lowerBound * together))
    try parallel(rows.count.divided(by: width)) { part in
      let (begin, end) = (Int64(part.lowerBound), Int64(part.upperBound))
      if inPairs {
        ck_pack_pairs(
          factor.halves + start, Int64(factor.strides[1]), panels.floats, own, count, K, begin, end)
      } else {
        ck_pack_panels(
          factor.places + start / together, rowStride, Int64(factor.strides[1]), panels.floats, own, count,
          Int64(depth.count), begin, end)
      }
    }
  }

  private func multiply(_ block: Block, _ aPanels: Tensor?, _ bPanels: Tensor?) throws {
    let target = out.floats + block.rows.lowerBound * out.strides[0] + block.columns.lowerBound * out.strides[1]
    let (outStride, K) = (Int64(out.strides[0]), Int64(block.depth.count))
    let add: Int32 = accumulating || block.depth.lowerBound > 0 ? 1 : 0
    let (M, N) = (block.rows.count, block.columns.count)
    let (aStride, inPairs) = (Int64(a.strides[0] / together), together > 1)
    let aRows = a.places + (block.rows.lowerBound * a.strides[0] / together + block.depth.lowerBound)
    let bStride = Int64(b.strides[0])
    let bRows = b.places + (block.depth.lowerBound * b.strides[0] + block.columns.lowerBound * b.strides[1])
    let unitsDown = M.divided(by: Self.unitRows)
    // A result of few rows is cut finer, so that all threads have a part of it.
    let unitColumns = unitsDown > 1 ? Self.unitColumns : Self.unitColumns / 4
    let units = unitsDown * N.divided(by: unitColumns)
    try parallelUnits(units) { unit, _ in
      let row = unit % unitsDown * Self.unitRows
      let column = unit / unitsDown * unitColumns
      let (rowEnd, columnEnd) = (Int64(min(row + Self.unitRows, M)), Int64(min(column + unitColumns, N)))
      guard let bPanels else {
        return ck_multiply_few_rows(
          aPanels?.floats ?? aRows, bRows, bStride, K, target, outStride, add, Int64(M), Int64(column), columnEnd)
      }
      if let aPanels {
        let kernel = inPairs ? ck_multiply_pair_panels : ck_multiply_panels
        kernel(
          aPanels.floats, bPanels.floats, K, target, outStride, add, Int64(row), rowEnd, Int64(column), columnEnd)
      } else {
        let kernel = inPairs ? ck_multiply_pair_rows : ck_multiply_rows
        kernel(
          aRows, aStride, bPanels.floats, K, target, outStride, add, Int64(row), rowEnd, Int64(column), columnEnd)
      }
    }
  }
}

extension Tensor {
  /// Whether each row of a matrix in bfloat16 is one of whole pairs.
  fileprivate var lineIsPairs: Bool {
    shape[1].isMultiple(of: 2) && strides[0].isMultiple(of: 2) && UInt(bitPattern: bytes).isMultiple(of: 4)
  }

  /// The address of the first number in bfloat16.
  fileprivate var halves: UnsafeMutablePointer<UInt16> { bytes.assumingMemoryBound(to: UInt16.self) }

  /// The same as places of floats.
  fileprivate var places: UnsafeMutablePointer<Float> { bytes.assumingMemoryBound(to: Float.self) }
}

extension Int {
  fileprivate func rounded(upTo size: Int) -> Int { divided(by: size) * size }
}
