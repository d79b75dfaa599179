/// A model's tensors as they are read one after the other: the disk works on the next ones meanwhile, and those that have been read
/// take no memory any more.
package struct WeightReading {
  private let files: WeightFiles
  private var coming: ArraySlice<StoredTensor>
  private var asked = 0
  /// Bytes that have been read.
  package private(set) var done = 0
  /// Bytes of all tensors.
  package let total: Int

  // Enough to keep a disk busy while a matrix is worked with.
  private static let ahead = 256 << 20

  /// - Parameter names: the tensors, about in the order in which they will be read.
  package init(_ files: WeightFiles, _ names: [String]) {
    self.files = files
    coming = names.compactMap { files.tensors[$0] }.flatMap(\.parts)[...]
    total = coming.reduce(0) { $0 + $1.byteCount }
  }

  /// Reads a tensor as float32, row by row; see `StoredTensor.readFloats(into:)`.
  /// - Throws: `ModelFileError`.
  package mutating func read(_ name: String, into output: UnsafeMutableBufferPointer<Float>) throws {
    try read(files.tensor(name), into: output)
  }

  /// The same for some rows of a matrix that lies row by row.
  package mutating func read(
    _ name: String, rows: Range<Int>, into output: UnsafeMutableBufferPointer<Float>
  ) throws {
    try read(files.tensor(name).part(rows: rows), into: output)
  }

  /// Leaves a tensor in its file, which it is used from.
  /// - Throws: `ModelFileError` where there is none.
  package mutating func pass(_ name: String) throws {
    let tensor = try files.tensor(name)
    askAhead()
    count(tensor)
  }

  private mutating func read(_ tensor: StoredTensor, into output: UnsafeMutableBufferPointer<Float>) throws {
    askAhead()
    try tensor.readFloats(into: output)
    tensor.release()
    count(tensor)
  }

  private mutating func askAhead() {
    while asked - done < Self.ahead, let next = coming.popFirst() {
      next.file.askAhead(at: next.offset, count: next.byteCount)
      asked += next.byteCount
    }
  }

  private mutating func count(_ tensor: StoredTensor) { done += tensor.parts.reduce(0) { $0 + $1.byteCount } }
}
