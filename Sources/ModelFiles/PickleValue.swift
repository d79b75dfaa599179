import JSON

/// A value that a pickle builds. Containers are numbers into the unpickler's flat store: whatever a file makes of
/// them, cycles and nesting a million deep included, nothing recurses.
enum PickleValue {
  case none
  case bool(Bool)
  case int(Int)
  case float(Double)
  case string(String)
  case bytes
  case global(PickleGlobal)
  case tuple(Int)
  case list(Int)
  case dict(Int)
  case storage(Int)
  case tensor(Int)

  var int: Int? { if case .int(let value) = self { value } else { nil } }
  var string: String? { if case .string(let value) = self { value } else { nil } }
}

/// The only names that a checkpoint may refer to. None of them is looked up or called; each is a case in a switch.
enum PickleGlobal: Equatable {
  case orderedDict
  case rebuildTensor
  case rebuildParameter
  case size
  case storage(ElementType)

  /// The global `name` of the Python module `module`; nil for all that is not needed to describe tensors.
  init?(module: String, name: String) {
    switch (module, name) {
    case ("collections", "OrderedDict"): self = .orderedDict
    case ("torch._utils", "_rebuild_tensor_v2"): self = .rebuildTensor
    case ("torch._utils", "_rebuild_parameter"): self = .rebuildParameter
    case ("torch", "Size"): self = .size
    case ("torch", "DoubleStorage"): self = .storage(.float64)
    case ("torch", "FloatStorage"): self = .storage(.float32)
    case ("torch", "HalfStorage"): self = .storage(.float16)
    case ("torch", "BFloat16Storage"): self = .storage(.bfloat16)
    case ("torch", "LongStorage"): self = .storage(.int64)
    case ("torch", "IntStorage"): self = .storage(.int32)
    case ("torch", "ShortStorage"): self = .storage(.int16)
    case ("torch", "CharStorage"): self = .storage(.int8)
    case ("torch", "ByteStorage"): self = .storage(.uint8)
    case ("torch", "BoolStorage"): self = .storage(.bool)
    default: return nil
    }
  }
}

/// A tensor's memory: an entry of the archive.
struct PickleStorage {
  let elementType: ElementType
  /// The entry's name below `data/`.
  let key: String
  let elementCount: Int
}

/// A view into a storage; sizes, strides and offset count elements and are not checked yet.
struct PickleTensor {
  let storage: PickleStorage
  let offset: Int
  let shape: [Int]
  let strides: [Int]
}
