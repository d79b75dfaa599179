import ModelFiles

/// How GGUF files hold a tensor's numbers. Raw values are the format's own (`ggml_type`).
public enum GGUFTensorType: UInt32, Sendable, CaseIterable {
  case float32 = 0
  case float16 = 1
  /// Blocks of 32 numbers: a float16 scale, and 32 signed bytes that it multiplies.
  case q8_0 = 8
  case bfloat16 = 30

  /// The name that messages and options have.
  public var name: String { String(describing: self) }

  /// Numbers that are stored together; rows must be whole multiples of it.
  package var blockSize: Int { self == .q8_0 ? Q8Block.size : 1 }

  /// Bytes of so many numbers, which must be whole blocks.
  package func byteCount(of elements: Int) -> Int {
    switch self {
    case .float32: elements * 4
    case .float16, .bfloat16: elements * 2
    case .q8_0: elements / Q8Block.size * Q8Block.byteCount
    }
  }

  /// What `general.file_type` says of a file whose matrices have this type (`llama_ftype`).
  var fileType: UInt32 {
    switch self {
    case .float32: 0
    case .float16: 1
    case .q8_0: 7
    case .bfloat16: 32
    }
  }

  /// The same among the types that are not made of blocks.
  var elementType: ElementType? {
    switch self {
    case .float32: .float32
    case .float16: .float16
    case .bfloat16: .bfloat16
    case .q8_0: nil
    }
  }
}
