/// The type of a stored tensor's elements. Raw values are safetensors' names.
public enum ElementType: String, Sendable, Hashable, CaseIterable {
  case float64 = "F64"
  case float32 = "F32"
  case float16 = "F16"
  case bfloat16 = "BF16"
  /// Only as the codes of a matrix with scales (`StoredFP8`).
  case float8 = "F8_E4M3"
  case int64 = "I64"
  case int32 = "I32"
  case int16 = "I16"
  case int8 = "I8"
  case uint8 = "U8"
  case bool = "BOOL"

  /// Bytes an element.
  public var size: Int {
    switch self {
    case .float64, .int64: 8
    case .float32, .int32: 4
    case .float16, .bfloat16, .int16: 2
    case .float8, .int8, .uint8, .bool: 1
    }
  }

  /// Whether the elements are floating-point numbers.
  public var isFloat: Bool {
    switch self {
    case .float64, .float32, .float16, .bfloat16: true
    case .float8, .int64, .int32, .int16, .int8, .uint8, .bool: false
    }
  }

  /// PyTorch's name, which `config.json` uses: `float32`, `bfloat16`, …
  public var torchName: String { self == .float8 ? "float8_e4m3fn" : String(describing: self) }

  /// The type of that name in PyTorch; nil where there is none or this module cannot read it.
  public init?(torchName: String) {
    guard let type = Self.allCases.first(where: { $0.torchName == torchName }) else { return nil }
    self = type
  }
}
