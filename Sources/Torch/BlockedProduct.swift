import CKernels

/// out (+)= a · b in float32 by kernels of our own, which use all of AVX-512 where the BLAS in libtorch does not (it does on
/// Intel's processors, and takes half of it on others).
///
/// The factors are copied, a block at a time, into panels that stream through the caches; a tile of the result stays in
/// registers (Goto and van de Geijn, ACM TOMS 34(3), 2008). A first factor whose rows are contiguous is read where it lies.
/// The result does not depend on the number of threads.
package struct BlockedProduct {
  /// Whether the processor is one for which these kernels are the faster way.
  package static let isSupported = ck_products_pay() != 0

  /// Whether a product is of a size for which this is the faster way: where the copying is little beside the work.
  static func pays(_ a: Tensor, _ b: Tensor) -> Bool {
    a.shape[0] >= 16 && a.shape[0] * a.shape[1] * b.shape[1] >= 1 << 18
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

  package init(a: Tensor, b: Tensor, out: Tensor, accumulating: Bool) {
    self.a = a
    self.b = b
    self.out = out
    self.accumulating = accumulating
  }

  /// Computes the product.
  package func callAsFunction() throws {
    let (M, K, N) = (a.shape[0], a.shape[1], b.shape[1])
    let depth = Swift.min(K, Self.depth)
    let aPanels =
      hasContiguousRows
      ? nil : try Tensor(uninitialized: [Swift.min(M, Self.rows).rounded(upTo: CK_PANEL_ROWS), depth])
    let bPanels = try Tensor(
      uninitialized: [Swift.min(N, Self.columns).rounded(upTo: CK_PANEL_COLUMNS), depth])
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
    let depth: Range<Int>
  }

  private var hasContiguousRows: Bool { a.strides[1] == 1 }

  /// Where a block of a factor begins.
  private func address(_ factor: Tensor, _ rows: Range<Int>, _ columns: Range<Int>) -> UnsafeMutablePointer<Float> {
    factor.floats + rows.lowerBound * factor.strides[0] + columns.lowerBound * factor.strides[1]
  }

  private func pack(_ block: Block, _ aPanels: Tensor?, _ bPanels: Tensor) throws {
    let (aFrom, bFrom) = (address(a, block.rows, block.depth), address(b, block.depth, block.columns))
    let K = Int64(block.depth.count)
    if let aPanels {
      try parallel(block.rows.count.divided(by: CK_PANEL_ROWS)) { panels in
        ck_pack_panels(
          aFrom, Int64(a.strides[0]), Int64(a.strides[1]), aPanels.floats, Int64(CK_PANEL_ROWS),
          Int64(block.rows.count), K, Int64(panels.lowerBound), Int64(panels.upperBound))
      }
    }
    try parallel(block.columns.count.divided(by: CK_PANEL_COLUMNS)) { panels in
      ck_pack_panels(
        bFrom, Int64(b.strides[1]), Int64(b.strides[0]), bPanels.floats, Int64(CK_PANEL_COLUMNS),
        Int64(block.columns.count), K, Int64(panels.lowerBound), Int64(panels.upperBound))
    }
  }

  /// Threads take one unit after another, so that none waits long for one that the system interrupted.
  private func multiply(_ block: Block, _ aPanels: Tensor?, _ bPanels: Tensor) throws {
    let (aRows, target) = (address(a, block.rows, block.depth), address(out, block.rows, block.columns))
    let (aStride, outStride, K) = (Int64(a.strides[0]), Int64(out.strides[0]), Int64(block.depth.count))
    let add: Int32 = accumulating || block.depth.lowerBound > 0 ? 1 : 0
    let (M, N) = (block.rows.count, block.columns.count)
    let unitsDown = M.divided(by: Self.unitRows)
    let units = unitsDown * N.divided(by: Self.unitColumns)
    var next: Int64 = 0
    try withUnsafeMutablePointer(to: &next) { next in
      try parallel(units) { _ in
        while case let unit = Int(ck_take(next)), unit < units {
          let row = unit % unitsDown * Self.unitRows
          let column = unit / unitsDown * Self.unitColumns
          let (rowEnd, columnEnd) = (min(row + Self.unitRows, M), min(column + Self.unitColumns, N))
          if let aPanels {
            ck_multiply_panels(
              aPanels.floats, bPanels.floats, K, target, outStride, add, Int64(row), Int64(rowEnd), Int64(column),
              Int64(columnEnd))
          } else {
            ck_multiply_rows(
              aRows, aStride, bPanels.floats, K, target, outStride, add, Int64(row), Int64(rowEnd), Int64(column),
              Int64(columnEnd))
          }
        }
      }
    }
  }
}

extension Int {
  fileprivate func rounded(upTo size: Int) -> Int { divided(by: size) * size }
}
