import Foundation

/// A GGUF file as the format's description says it is read, independently of the code that writes it.
struct ReadFile {
  struct Tensor {
    var name: String
    /// The dimension whose neighbours lie side by side comes first.
    var shape: [Int]
    var type: UInt32
    var bytes: [UInt8]

    /// The numbers of a float32 tensor.
    var floats: [Float] {
      stride(from: 0, to: bytes.count, by: 4).map { place in
        Float(bitPattern: (0..<4).reduce(0) { $0 | UInt32(bytes[place + $1]) << (8 * $1) })
      }
    }
  }

  /// What a value is printed as; lists as their parts with `|` between.
  private(set) var metadata: [String: String] = [:]
  private(set) var tensors: [String: Tensor] = [:]
  private(set) var names: [String] = []
  private let bytes: [UInt8]
  private var place = 0

  init(_ url: URL) throws {
    bytes = Array(try Data(contentsOf: url))
    let magic = take(4)
    precondition(magic == Array("GGUF".utf8) && number(4) == 3)
    let (tensorCount, keyCount) = (number(8), number(8))
    for _ in 0..<keyCount {
      let key = text()
      precondition(metadata[key] == nil)
      metadata[key] = value(of: number(4))
    }
    var offsets: [Int] = []
    for _ in 0..<tensorCount {
      let name = text()
      let shape = (0..<number(4)).map { _ in number(8) }
      tensors[name] = Tensor(name: name, shape: shape, type: UInt32(number(4)), bytes: [])
      names.append(name)
      offsets.append(number(8))
    }
    let start = (place + 31) / 32 * 32
    for (name, offset) in zip(names, offsets) {
      precondition(offset % 32 == 0)
      guard let tensor = tensors[name] else { continue }
      let count = tensor.shape.reduce(1, *)
      let size = [0: count * 4, 1: count * 2, 30: count * 2, 8: count / 32 * 34][Int(tensor.type)] ?? 0
      tensors[name]?.bytes = Array(bytes[start + offset..<start + offset + size])
    }
  }

  private mutating func take(_ count: Int) -> [UInt8] {
    defer { place += count }
    return Array(bytes[place..<place + count])
  }

  private mutating func number(_ size: Int) -> Int {
    take(size).enumerated().reduce(0) { $0 | Int($1.element) << (8 * $1.offset) }
  }

  private mutating func text() -> String { String(decoding: take(number(8)), as: UTF8.self) }

  private mutating func value(of type: Int) -> String {
    switch type {
    case 4: return "\(number(4))"
    case 5: return "\(Int32(truncatingIfNeeded: number(4)))"
    case 6: return "\(Float(bitPattern: UInt32(number(4))))"
    case 7: return number(1) == 0 ? "false" : "true"
    case 8: return text()
    case 9:
      let (element, count) = (number(4), number(8))
      return (0..<count).map { _ in value(of: element) }.joined(separator: "|")
    default: preconditionFailure("type \(type)")
    }
  }
}
