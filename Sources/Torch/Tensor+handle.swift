import CTorch

extension Tensor {
  /// Calls `body` with handles under which libtorch knows the tensors; they are gone afterwards.
  static func withHandles<Result>(
    _ tensors: [Tensor], _ torch: Libtorch, _ body: ([CTensorHandle?]) throws -> Result
  ) throws -> Result {
    var handles: [CTensorHandle?] = []
    defer { for handle in handles { _ = torch.deleteTensor(handle) } }
    for tensor in tensors {
      var handle: CTensorHandle?
      let code = torch.createTensorFromBlob(
        tensor.bytes, Int64(tensor.shape.count), tensor.shape.map(Int64.init), tensor.strides.map(Int64.init), 0,
        tensor.dtype == .float32 ? torch.float32 : torch.bfloat16, torch.cpu, 0, &handle)
      try torch.check(code, "creating a tensor")
      handles.append(handle)
    }
    return try body(handles)
  }
}

/// A tensor that libtorch made and owns, until this goes.
final class ForeignTensor {
  let handle: CTensorHandle
  private let torch: Libtorch

  init(_ handle: CTensorHandle?, _ torch: Libtorch) throws {
    guard let handle else { throw TorchError("libtorch returned no tensor") }
    self.handle = handle
    self.torch = torch
  }

  deinit { _ = torch.deleteTensor(handle) }

  /// The address of its first element.
  var address: UnsafeMutableRawPointer {
    get throws {
      var data: UnsafeMutableRawPointer?
      try torch.check(torch.dataPointer(handle, &data), "reading a tensor")
      guard let data else { throw TorchError("libtorch returned an empty tensor") }
      return data
    }
  }

  /// The address of its first float and its strides.
  func contents(dimensions: Int) throws -> (floats: UnsafeMutablePointer<Float>, strides: [Int]) {
    var strides: UnsafeMutablePointer<Int64>?
    try torch.check(torch.strides(handle, &strides), "reading a tensor")
    guard let strides else { throw TorchError("libtorch returned an empty tensor") }
    return (try address.assumingMemoryBound(to: Float.self), (0..<dimensions).map { Int(strides[$0]) })
  }
}
