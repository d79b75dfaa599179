/// The type of a tensor's elements.
public enum DType: String, Sendable, CaseIterable {
  case float32
  case bfloat16

  /// Bytes of one element.
  public var size: Int {
    switch self {
    case .float32: 4
    case .bfloat16: 2
    }
  }
}
