import JSON

/// Reads the pickle of a PyTorch state dict: tensors' descriptions in dictionaries, and nothing else.
///
/// A pickle is a program for a stack machine. Of its instructions (protocols 2 to 4) this machine knows those that
/// build plain values; it calls no function and loads no class. Any name that does not describe a tensor is refused.
/// Reference: CPython's `pickletools`, `torch._weights_only_unpickler`.
struct Unpickler {
  private let path: String
  private let bytes: UnsafeRawBufferPointer
  private var position = 0
  private var stack: [PickleValue] = []
  /// The stack's heights where a mark was set.
  private var marks: [Int] = []
  private var memo: [UInt32: PickleValue] = [:]
  /// Elements of tuples and lists.
  private var sequences: [[PickleValue]] = []
  private var dicts: [[(key: PickleValue, value: PickleValue)]] = []
  private var storages: [PickleStorage] = []
  private(set) var tensors: [PickleTensor] = []
  /// What may still be built, in bytes of memory, about. A state dict takes six times its pickle's length.
  private var allowance: Int
  /// The stack's greatest height.
  private var height = 0

  /// How much memory a pickle may take for each of its bytes.
  private static let memoryPerByte = 16

  init(_ bytes: UnsafeRawBufferPointer, path: String) {
    self.bytes = bytes
    self.path = path
    allowance = Self.memoryPerByte * bytes.count + 1 << 16
  }

  /// Runs the whole pickle, which must build a dictionary from names to tensors.
  mutating func stateDict() throws -> [(name: String, tensor: PickleTensor)] {
    guard case .dict(let dict) = try run() else { throw error("holds no dictionary of tensors") }
    return try dicts[dict].map { key, value in
      guard let name = key.string else { throw error("holds an entry whose name is not a string") }
      guard case .tensor(let tensor) = value else { throw error("entry \(quoted(name)) is not a tensor") }
      return (name, tensors[tensor])
    }
  }

  private mutating func run() throws -> PickleValue {
    while true {
      if stack.count + marks.count > height {
        try charge(stack.count + marks.count - height)
        height = stack.count + marks.count
      }
      let code = try byte()
      switch PickleOpcode(rawValue: code) {
      case .proto:
        let version = try byte()
        guard version <= 4 else { throw error("uses pickle protocol \(version); 2 to 4 are supported") }
      case .frame: _ = try take(8)
      case .stop: return try pop()
      case .mark: marks.append(stack.count)
      case .pop: _ = try pop()
      case .popMark: _ = try popToMark()
      case .dup: stack.append(try top())
      case .pushNone: stack.append(.none)
      case .newTrue: stack.append(.bool(true))
      case .newFalse: stack.append(.bool(false))
      case .binInt: stack.append(.int(Int(try number(Int32.self))))
      case .binInt1: stack.append(.int(Int(try byte())))
      case .binInt2: stack.append(.int(Int(try number(UInt16.self))))
      case .long1: stack.append(.int(try integer(byteCount: Int(byte()))))
      case .binFloat: stack.append(.float(Double(bitPattern: UInt64(bigEndian: try number(UInt64.self)))))
      case .binUnicode: stack.append(.string(try text(Int(number(UInt32.self)))))
      case .shortBinUnicode: stack.append(.string(try text(Int(byte()))))
      case .binUnicode8: stack.append(.string(try text(longCount())))
      case .binString: stack.append(.string(try text(Int(number(UInt32.self)))))
      case .shortBinString: stack.append(.string(try text(Int(byte()))))
      case .binBytes: try pushBytes(Int(number(UInt32.self)))
      case .shortBinBytes: try pushBytes(Int(byte()))
      case .binBytes8: try pushBytes(longCount())
      case .emptyTuple: try pushTuple([])
      case .tuple: try pushTuple(popToMark())
      case .tuple1: try pushTuple(pop(count: 1))
      case .tuple2: try pushTuple(pop(count: 2))
      case .tuple3: try pushTuple(pop(count: 3))
      case .emptyList: try pushList([])
      case .list: try pushList(popToMark())
      case .append: try append(pop(count: 1))
      case .appends: try append(popToMark())
      case .emptyDict: try pushDict([])
      case .dict: try pushDict(popToMark())
      case .setItem: try setItems(pop(count: 2))
      case .setItems: try setItems(popToMark())
      case .global: try pushGlobal(module: line(), name: line())
      case .stackGlobal:
        let names = try pop(count: 2)
        guard let module = names[0].string, let name = names[1].string else { throw damaged }
        try pushGlobal(module: module, name: name)
      case .binPersID:
        try charge(2)
        // Not in one expression: a copy of the stack would be made between reading and taking.
        let identifier = try pop()
        storages.append(try storage(identifier))
        stack.append(.storage(storages.count - 1))
      case .reduce:
        let arguments = try pop()
        try stack.append(call(pop(), arguments))
      case .build:
        // PyTorch hangs a `_metadata` attribute on the dictionary, which no tensor depends on.
        _ = try pop()
        guard case .dict = try top() else { throw error("sets the state of an object, which no tensor needs") }
      case .binPut: try memoize(UInt32(byte()))
      case .longBinPut: try memoize(number(UInt32.self))
      case .memoize: try memoize(UInt32(truncatingIfNeeded: memo.count))
      case .binGet: try pushMemo(UInt32(byte()))
      case .longBinGet: try pushMemo(number(UInt32.self))
      case nil: throw error("uses instruction 0x\(String(code, radix: 16)), which no tensor needs")
      }
    }
  }
}

// MARK: - Reading the program

extension Unpickler {
  /// An error at the current place of the pickle.
  private func error(_ reason: String) -> ModelFileError { ModelFileError(path, "its pickle \(reason)") }
  private var damaged: ModelFileError { error("is damaged at byte \(position)") }

  private mutating func take(_ count: Int) throws -> UnsafeRawBufferPointer {
    guard count >= 0, count <= bytes.count - position else { throw error("is truncated") }
    defer { position += count }
    return UnsafeRawBufferPointer(rebasing: bytes[position..<position + count])
  }

  private mutating func byte() throws -> UInt8 {
    guard position < bytes.count else { throw error("is truncated") }
    defer { position += 1 }
    return bytes[position]
  }

  private mutating func number<Number: FixedWidthInteger & BitwiseCopyable>(_ type: Number.Type) throws -> Number {
    Number(littleEndian: try take(MemoryLayout<Number>.size).loadUnaligned(as: Number.self))
  }

  private mutating func longCount() throws -> Int {
    guard let count = Int(exactly: try number(UInt64.self)) else { throw damaged }
    return count
  }

  /// A little-endian integer in two's complement.
  private mutating func integer(byteCount: Int) throws -> Int {
    guard byteCount <= 8 else { throw error("holds a number beyond 64 bits") }
    let bytes = try take(byteCount)
    var bits: UInt64 = bytes.last.map { $0 & 0x80 != 0 ? .max : 0 } ?? 0
    for byte in bytes.reversed() { bits = bits << 8 | UInt64(byte) }
    return Int(Int64(bitPattern: bits))
  }

  private mutating func text(_ count: Int) throws -> String {
    guard let text = String(validating: try take(count), as: UTF8.self) else { throw damaged }
    return text
  }

  private mutating func pushBytes(_ count: Int) throws {
    _ = try take(count)
    stack.append(.bytes)
  }

  /// The text up to the next newline, which is skipped.
  private mutating func line() throws -> String {
    guard let end = bytes[position...].firstIndex(of: 0x0A) else { throw error("is truncated") }
    let text = try text(end - position)
    position += 1
    return text
  }
}

// MARK: - The stack

extension Unpickler {
  /// Values below the last mark belong to what was begun before it.
  private var floor: Int { marks.last ?? 0 }

  private func top() throws -> PickleValue {
    guard stack.count > floor, let value = stack.last else { throw damaged }
    return value
  }

  private mutating func pop() throws -> PickleValue {
    let value = try top()
    stack.removeLast()
    return value
  }

  private mutating func pop(count: Int) throws -> [PickleValue] {
    guard stack.count - floor >= count else { throw damaged }
    defer { stack.removeLast(count) }
    return Array(stack.suffix(count))
  }

  private mutating func popToMark() throws -> [PickleValue] {
    guard let mark = marks.popLast() else { throw damaged }
    defer { stack.removeSubrange(mark...) }
    return Array(stack[mark...])
  }

  private mutating func memoize(_ index: UInt32) throws {
    if memo.updateValue(try top(), forKey: index) == nil { try charge(1) }
  }

  private mutating func pushMemo(_ index: UInt32) throws {
    guard let value = memo[index] else { throw damaged }
    stack.append(value)
  }
}

// MARK: - Building values

extension Unpickler {
  /// Takes memory for so many values from what is allowed.
  private mutating func charge(_ count: Int) throws {
    allowance -= count * MemoryLayout<PickleValue>.stride
    guard allowance >= 0 else { throw error("builds more values than a state dict of its length has") }
  }

  private mutating func pushTuple(_ elements: [PickleValue]) throws {
    try charge(1 + elements.count)
    stack.append(.tuple(sequences.count))
    sequences.append(elements)
  }

  private mutating func pushList(_ elements: [PickleValue]) throws {
    try charge(1 + elements.count)
    stack.append(.list(sequences.count))
    sequences.append(elements)
  }

  private mutating func append(_ elements: [PickleValue]) throws {
    guard case .list(let list) = try top() else { throw damaged }
    try charge(elements.count)
    sequences[list] += elements
  }

  private mutating func pushDict(_ items: [PickleValue]) throws {
    try charge(1)
    stack.append(.dict(dicts.count))
    dicts.append([])
    try setItems(items)
  }

  /// `items` are keys and values in turn.
  private mutating func setItems(_ items: [PickleValue]) throws {
    guard items.count % 2 == 0, case .dict(let dict) = try top() else { throw damaged }
    try charge(items.count)
    for index in stride(from: 0, to: items.count, by: 2) {
      dicts[dict].append((key: items[index], value: items[index + 1]))
    }
  }

  private mutating func pushGlobal(module: String, name: String) throws {
    guard let global = PickleGlobal(module: module, name: name) else {
      throw error("asks for \(quoted("\(module).\(name)")), which no tensor needs; nothing of it was run")
    }
    stack.append(.global(global))
  }

  private func elements(_ value: PickleValue) throws -> [PickleValue] {
    guard case .tuple(let index) = value else { throw damaged }
    return sequences[index]
  }

  private func sizes(_ value: PickleValue) throws -> [Int] {
    let elements = try elements(value)
    let sizes = elements.compactMap(\.int)
    guard sizes.count == elements.count else { throw damaged }
    return sizes
  }

  /// A storage is named by ('storage', its type, the entry, the device, the number of elements).
  private func storage(_ identifier: PickleValue) throws -> PickleStorage {
    let fields = try elements(identifier)
    guard fields.count == 5, fields[0].string == "storage", case .global(.storage(let type)) = fields[1],
      let key = fields[2].string, let count = fields[4].int
    else { throw damaged }
    return PickleStorage(elementType: type, key: key, elementCount: count)
  }

  private mutating func call(_ function: PickleValue, _ argument: PickleValue) throws -> PickleValue {
    guard case .global(let global) = function else { throw damaged }
    let arguments = try elements(argument)
    switch global {
    case .orderedDict:
      guard arguments.isEmpty else { throw damaged }
      try charge(1)
      dicts.append([])
      return .dict(dicts.count - 1)
    case .rebuildTensor:
      // Storage, offset, size, stride, requires_grad, backward hooks and, lately, metadata.
      guard arguments.count == 6 || arguments.count == 7, case .storage(let storage) = arguments[0],
        let offset = arguments[1].int
      else { throw damaged }
      try charge(3)
      tensors.append(
        PickleTensor(
          storage: storages[storage], offset: offset, shape: try sizes(arguments[2]), strides: try sizes(arguments[3])))
      return .tensor(tensors.count - 1)
    case .rebuildParameter:
      guard arguments.count == 3, case .tensor = arguments[0] else { throw damaged }
      return arguments[0]
    case .size:
      guard arguments.count == 1 else { throw damaged }
      return arguments[0]
    case .storage: throw damaged
    }
  }
}
