import CTorch
import Foundation

/// A view of numbers in memory: a shape and strides over a block that several tensors may share.
///
/// Copying a `Tensor` copies the view, never the numbers. Tensors belong to the thread that trains.
public struct Tensor {
  let memory: HostMemory
  /// Where the first element lies in the block, in elements.
  let offset: Int
  /// The extent of each dimension.
  public let shape: [Int]
  /// The distance in elements between neighbours along each dimension.
  public let strides: [Int]
  /// The type of the elements.
  public let dtype: DType

  private init(memory: HostMemory, offset: Int, shape: [Int], strides: [Int], dtype: DType) {
    self.memory = memory
    self.offset = offset
    self.shape = shape
    self.strides = strides
    self.dtype = dtype
  }

  /// A contiguous tensor whose numbers are undefined.
  public init(uninitialized shape: [Int], dtype: DType = .float32) throws {
    try self.init(shape, dtype, zeroed: false)
  }

  private init(_ shape: [Int], _ dtype: DType, zeroed: Bool) throws {
    let memory = try HostMemory.take(shape.reduce(1, *) * dtype.size, zeroed: zeroed)
    self.init(memory: memory, offset: 0, shape: shape, strides: Self.contiguousStrides(shape), dtype: dtype)
  }

  /// A contiguous tensor that libtorch made.
  init(_ foreign: ForeignTensor, shape: [Int], dtype: DType) throws {
    let memory = try HostMemory(foreign)
    self.init(memory: memory, offset: 0, shape: shape, strides: Self.contiguousStrides(shape), dtype: dtype)
  }

  /// A contiguous tensor whose numbers lie where they are, and are only read.
  /// - Parameter owner: what keeps them there.
  init(borrowing bytes: UnsafeRawPointer, of owner: AnyObject, shape: [Int], dtype: DType) {
    precondition(Int(bitPattern: bytes) % dtype.size == 0)
    self.init(
      memory: HostMemory(borrowing: bytes, of: owner), offset: 0, shape: shape,
      strides: Self.contiguousStrides(shape), dtype: dtype)
  }

  /// A contiguous tensor of zeros.
  public init(zeros shape: [Int], dtype: DType = .float32) throws {
    try self.init(shape, dtype, zeroed: true)
  }

  /// A contiguous tensor of zeros that takes memory only where numbers were written and not discarded since.
  public init(reserving shape: [Int], dtype: DType = .float32) throws {
    self.init(
      memory: try HostMemory.reserve(shape.reduce(1, *) * dtype.size), offset: 0, shape: shape,
      strides: Self.contiguousStrides(shape), dtype: dtype)
  }

  /// A contiguous float32 tensor with the given numbers in row-major order.
  public init(_ numbers: [Float], shape: [Int]) throws {
    precondition(numbers.count == shape.reduce(1, *))
    try self.init(uninitialized: shape)
    numbers.withUnsafeBufferPointer { floats.update(from: $0.baseAddress!, count: $0.count) }
  }

  /// The number of elements.
  public var count: Int { shape.reduce(1, *) }

  /// Whether the elements lie one after the other in row-major order.
  public var isContiguous: Bool { strides == Self.contiguousStrides(shape) }

  /// The address of the first element.
  public var bytes: UnsafeMutableRawPointer { memory.base + offset * dtype.size }

  /// The address of the first element of a float32 tensor.
  public var floats: UnsafeMutablePointer<Float> {
    precondition(dtype == .float32)
    return bytes.assumingMemoryBound(to: Float.self)
  }

  /// The numbers of a contiguous float32 tensor in row-major order.
  public var array: [Float] {
    precondition(isContiguous)
    return Array(UnsafeBufferPointer(start: floats, count: count))
  }

  /// A contiguous float32 tensor's numbers in memory of their own.
  public func copied() throws -> Tensor {
    precondition(isContiguous)
    let copy = try Tensor(uninitialized: shape)
    copy.floats.update(from: floats, count: count)
    return copy
  }

  /// Sets every element of a contiguous tensor to zero.
  public func fillWithZeros() {
    precondition(isContiguous)
    memset(bytes, 0, count * dtype.size)
  }

  /// Makes elements of a contiguous tensor that was reserved zeros again, which take no memory.
  public func discard(_ elements: Range<Int>) {
    precondition(isContiguous && elements.lowerBound >= 0 && elements.upperBound <= count)
    let (start, size) = (offset * dtype.size, dtype.size)
    memory.discard(start + elements.lowerBound * size..<start + elements.upperBound * size)
  }

  /// The numbers of a contiguous float32 tensor, one after the other.
  package var buffer: UnsafeMutableBufferPointer<Float> {
    precondition(isContiguous)
    return UnsafeMutableBufferPointer(start: floats, count: count)
  }

  private static func contiguousStrides(_ shape: [Int]) -> [Int] {
    var strides = [Int](repeating: 1, count: shape.count)
    for axis in shape.indices.dropLast().reversed() { strides[axis] = strides[axis + 1] * shape[axis + 1] }
    return strides
  }
}

extension Tensor {
  /// The same numbers in another shape; the tensor must be contiguous.
  public func reshaped(_ shape: [Int]) -> Tensor {
    precondition(isContiguous && shape.reduce(1, *) == count)
    return Tensor(memory: memory, offset: offset, shape: shape, strides: Self.contiguousStrides(shape), dtype: dtype)
  }

  /// The rows (first dimension) in `range`.
  public func rows(_ range: Range<Int>) -> Tensor {
    precondition(range.lowerBound >= 0 && range.upperBound <= shape[0])
    return Tensor(
      memory: memory, offset: offset + range.lowerBound * strides[0], shape: [range.count] + shape.dropFirst(),
      strides: strides, dtype: dtype)
  }

  /// `count` elements from `start` of a contiguous tensor, in a shape of their own.
  public func slice(from start: Int, shape: [Int]) -> Tensor {
    precondition(isContiguous && start >= 0 && start + shape.reduce(1, *) <= count)
    return Tensor(
      memory: memory, offset: offset + start, shape: shape, strides: Self.contiguousStrides(shape), dtype: dtype)
  }

  /// Any view of the block: `start` counts elements from this tensor's first.
  public func view(from start: Int, shape: [Int], strides: [Int]) -> Tensor {
    Tensor(memory: memory, offset: offset + start, shape: shape, strides: strides, dtype: dtype)
  }

  /// A matrix with rows and columns exchanged.
  public var transposed: Tensor {
    precondition(shape.count == 2)
    return Tensor(
      memory: memory, offset: offset, shape: [shape[1], shape[0]], strides: [strides[1], strides[0]], dtype: dtype)
  }
}
