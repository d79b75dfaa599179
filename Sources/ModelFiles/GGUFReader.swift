import JSON

/// Reads a GGUF file's numbers and texts one after the other.
struct GGUFReader {
  private let file: MappedFile
  /// The next byte.
  private(set) var position = 0

  init(_ file: MappedFile) { self.file = file }

  func problem(_ reason: String) -> ModelFileError { ModelFileError(file.path, reason) }

  private var end: ModelFileError {
    problem("is truncated: its header does not end within its \(file.bytes.count) bytes")
  }

  mutating func number<Number: FixedWidthInteger & BitwiseCopyable>(_ type: Number.Type) throws -> Number {
    guard let number = file.number(at: position, as: type) else { throw end }
    position += MemoryLayout<Number>.size
    return number
  }

  /// A number of things that take so many bytes each, or more, and so can be no more than there is room for.
  mutating func count(of things: String, atLeast size: Int) throws -> Int {
    let count = try number(UInt64.self)
    guard count <= UInt64((file.bytes.count - position) / size) else {
      throw problem("claims \(count) \(things), for which it has no bytes")
    }
    return Int(count)
  }

  mutating func text() throws -> String {
    let count = try count(of: "bytes of text", atLeast: 1)
    guard let bytes = file.slice(at: position, count: count) else { throw end }
    position += count
    guard let text = String(validating: bytes, as: UTF8.self) else {
      throw problem("has a text that is not UTF-8, at byte \(position - count)")
    }
    return text
  }

  /// A value of any type but an array of arrays.
  mutating func value() throws -> JSON {
    let type = try number(UInt32.self)
    guard type == 9 else { return try value(of: type) }
    let element = try number(UInt32.self)
    guard element != 9 else { throw problem("has an array of arrays, which no model has") }
    let count = try count(of: "elements", atLeast: Self.size(of: element))
    return .array(try (0..<count).map { _ in try value(of: element) })
  }

  /// The least bytes of a value of a type; 1 where there is no such type, which is found when one is read.
  private static func size(of type: UInt32) -> Int {
    switch type {
    case 2, 3: 2
    case 4, 5, 6: 4
    case 8, 10, 11, 12: 8
    default: 1
    }
  }

  private mutating func value(of type: UInt32) throws -> JSON {
    switch type {
    case 0: .integer(Int(try number(UInt8.self)))
    case 1: .integer(Int(try number(Int8.self)))
    case 2: .integer(Int(try number(UInt16.self)))
    case 3: .integer(Int(try number(Int16.self)))
    case 4: .integer(Int(try number(UInt32.self)))
    case 5: .integer(Int(try number(Int32.self)))
    // The decimal that a number was written from, as 1e-05, and not its nearest float in double.
    case 6: .number(Double(Float(bitPattern: try number(UInt32.self)).description) ?? .nan)
    case 7: .bool(try number(UInt8.self) != 0)
    case 8: .string(try text())
    case 10: .integer(Int(clamping: try number(UInt64.self)))
    case 11: .integer(Int(clamping: try number(Int64.self)))
    case 12: .number(Double(bitPattern: try number(UInt64.self)))
    default: throw problem("has a value of the unknown type \(type)")
    }
  }
}
