/// A matrix of weights W that does not train: kept in a narrow format, multiplied in float32.
///
/// Products are exactly those with the widened weights. These are made anew for each product, some rows at a time, in a scratch
/// of bounded size: 1 or 2% of the time for a batch of a thousand tokens. What is widened does not depend on the number of
/// threads.
///
/// Shapes: W is rows × columns, out × in; x is M × columns, y is M × rows.
public struct FrozenMatrix {
  /// Outputs.
  public let rows: Int
  /// Inputs.
  public let columns: Int
  /// The place of the first number among all of the model's, by which what is not bfloat16 is rounded to it; see
  /// `Tensor.dithered(from:)`.
  public let place: Int
  private var storage: any FrozenRows

  // Numbers that are wide at a time: 16 MB, which the shared cache of large processors holds.
  package static let scratch = 1 << 22

  /// The matrix that `read` gives, some rows after the others, so that it is never in memory in float32 as a whole.
  /// - Parameters:
  ///   - place: that of the first number among all of the model's.
  ///   - isReserved: whether its bytes may be discarded.
  ///   - read: fills a contiguous tensor with the numbers of these rows.
  /// - Throws: `TorchError` where memory is refused; what `read` throws.
  public init(
    rows: Int, columns: Int, format: FrozenFormat, place: Int = 0, isReserved: Bool = false,
    reading read: (_ rows: Range<Int>, _ numbers: Tensor) throws -> Void
  ) throws {
    precondition(rows > 0 && columns > 0)
    (self.rows, self.columns, self.place) = (rows, columns, place)
    storage = try format.room(rows: rows, columns: columns, place: place, isReserved: isReserved)
    let (stored, unit) = (storage, storage.unit)
    let height = max(unit, Self.scratch / columns / unit * unit)
    let scratch = try Tensor(uninitialized: [min(rows, height), columns])
    for start in stride(from: 0, to: rows, by: height) {
      let block = start..<min(start + height, rows)
      try read(block, scratch.rows(0..<block.count))
      try parallel(block.count.divided(by: unit), grain: Self.grain(unit * columns)) { units in
        let part = units.lowerBound * unit..<min(units.upperBound * unit, block.count)
        stored.store(
          start + part.lowerBound..<start + part.upperBound, from: scratch.floats + part.lowerBound * columns)
      }
    }
    try storage.seal()
  }

  /// The matrix of a contiguous float32 tensor, rows × columns.
  /// - Throws: `TorchError` where memory is refused.
  public init(_ weights: Tensor, format: FrozenFormat, place: Int = 0, isReserved: Bool = false) throws {
    try self.init(
      rows: weights.shape[0], columns: weights.shape[1], format: format, place: place, isReserved: isReserved
    ) { rows, numbers in
      numbers.floats.update(from: weights.floats + rows.lowerBound * weights.shape[1], count: numbers.count)
    }
  }

  /// A matrix whose numbers lie row by row where they are, as in a mapped file: they are not copied, and only read.
  /// - Parameters:
  ///   - bytes: as many as the shape asks for, at an address that is a multiple of a number's size.
  ///   - owner: what keeps them there.
  public init(
    rows: Int, columns: Int, dtype: DType, lyingAt bytes: UnsafeRawBufferPointer, of owner: AnyObject, place: Int = 0
  ) {
    precondition(rows > 0 && columns > 0 && bytes.count == rows * columns * dtype.size)
    (self.rows, self.columns, self.place) = (rows, columns, place)
    let values = Tensor(borrowing: bytes.baseAddress!, of: owner, shape: [rows, columns], dtype: dtype)
    storage = PlainRows(values, place: place)
  }

  /// A matrix that a file has in NF4, of as many bytes as its shape asks for.
  /// - Parameter owner: what keeps its codes where they lie; without it they are copied, as the scales are.
  /// - Throws: `TorchError` where memory is refused.
  public init(
    rows: Int, columns: Int, nf4: NF4Bytes, codesOf owner: AnyObject? = nil, place: Int = 0, isReserved: Bool = false
  ) throws {
    precondition(rows > 0 && columns > 0)
    (self.rows, self.columns, self.place) = (rows, columns, place)
    storage = try NF4Rows(rows, columns, nf4, codesOf: owner, isReserved: isReserved)
  }

  /// The bytes of its numbers, without their scales.
  package var bytes: UnsafeMutableRawBufferPointer {
    UnsafeMutableRawBufferPointer(start: storage.block.memory.base, count: storage.block.byteCount)
  }

  /// Makes some of these bytes zeros, which take no memory. They must be reserved.
  package func discard(_ range: Range<Int>) { storage.block.memory.discard(range) }

  /// y = x · Wᵀ, or y += x · Wᵀ where `accumulating`. The rows of y may lie apart from one another, as the columns of a larger
  /// matrix do.
  /// - Parameter dtype: what the factors and the product are rounded to.
  public func multiply(_ x: Tensor, into y: Tensor, accumulating: Bool = false, dtype: DType = .float32) throws {
    precondition(x.shape[1] == columns && y.shape == [x.shape[0], rows])
    try withBlocks(dtype) { block, weights in
      let part = y.view(
        from: block.lowerBound * y.strides[1], shape: [y.shape[0], block.count], strides: y.strides)
      try Torch.multiply(x, weights.transposed, into: part, accumulating: accumulating, dtype: dtype)
    }
  }

  /// The gradient of x for that of y: dx = dy · W, or dx += dy · W where `accumulating`; dy is M × rows, dx M × columns.
  /// - Parameter dtype: what the factors and the products of a block of rows are rounded to.
  public func multiply(gradient dy: Tensor, into dx: Tensor, accumulating: Bool = false, dtype: DType = .float32) throws
  {
    precondition(dy.shape[1] == rows && dx.shape == [dy.shape[0], columns])
    try withBlocks(dtype) { block, weights in
      let part = dy.view(
        from: block.lowerBound * dy.strides[1], shape: [dy.shape[0], block.count], strides: dy.strides)
      try Torch.multiply(part, weights, into: dx, accumulating: accumulating || block.lowerBound > 0, dtype: dtype)
    }
  }

  /// The rows of some tokens, each in 0..<rows, as an embedding gives them: tokens × columns.
  public func gather(_ tokens: [Int32]) throws -> Tensor {
    let y = try Tensor(uninitialized: [tokens.count, columns])
    try parallel(tokens.count, grain: Self.grain(columns)) { range in
      for index in range {
        let row = Int(tokens[index])
        storage.widen(row..<row + 1, into: y.floats + index * columns)
      }
    }
    return y
  }

  /// The weights as products have them, rows × columns.
  public func widened() throws -> Tensor { try gather((0..<Int32(rows)).map { $0 }) }

  /// Calls `body` with some rows after the others, as products in this type have them.
  private func withBlocks(_ dtype: DType, _ body: (Range<Int>, Tensor) throws -> Void) throws {
    func factor(_ block: Range<Int>, _ weights: Tensor) throws -> Tensor {
      dtype == .float32 ? weights : try weights.dithered(from: place + block.lowerBound * columns)
    }
    if let matrix = storage.matrix(dtype) { return try body(0..<rows, matrix) }
    if let matrix = storage.matrix(.float32) { return try body(0..<rows, factor(0..<rows, matrix)) }
    // Whole panels of a product.
    let height = max(64, Self.scratch / columns / 64 * 64)
    let scratch = try Tensor(uninitialized: [min(rows, height), columns])
    for start in stride(from: 0, to: rows, by: height) {
      let block = start..<min(start + height, rows)
      try parallel(block.count, grain: Self.grain(columns)) { part in
        storage.widen(
          start + part.lowerBound..<start + part.upperBound, into: scratch.floats + part.lowerBound * columns)
      }
      try body(block, factor(block, scratch.rows(0..<block.count)))
    }
  }

  /// So many things of this many numbers are worth a thread.
  private static func grain(_ numbers: Int) -> Int { max(1, (1 << 15) / numbers) }
}
