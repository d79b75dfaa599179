import Foundation

/// A safetensors file in memory, tensor by tensor.
struct SafetensorsBytes {
  /// What is wrong with a quantized matrix.
  enum Change: Sendable {
    case state(String)
    case without(String)
    case scales(Int)
    case value(Float)
  }

  private var entries: [String] = []
  private var data: [UInt8] = []

  var bytes: [UInt8] {
    let header = Array("{\(entries.joined(separator: ","))}".utf8)
    return littleEndian(UInt64(header.count)) + header + data
  }

  mutating func add(_ name: String, _ type: String, _ shape: [Int], bytes: [UInt8]) {
    entries.append(
      #""\#(name)":{"dtype":"\#(type)","shape":\#(shape),"data_offsets":[\#(data.count),\#(data.count + bytes.count)]}"#
    )
    data += bytes
  }

  mutating func add(_ name: String, _ type: String, _ shape: [Int], _ floats: [Float]) {
    add(name, type, shape, bytes: floats.flatMap { littleEndian($0.bitPattern) })
  }

  /// The tensors of a matrix in NF4, each of whose numbers is `scale`.
  mutating func addNF4(_ name: String, shape: [Int], scale: Float, _ change: Change? = nil) {
    let count = shape.reduce(1, *)
    var state = #"{"quant_type":"nf4","blocksize":64,"dtype":"float32","shape":\#(shape)}"#
    var (values, scales, missing) = (Self.values, (count + 63) / 64, "")
    switch change {
    case .state(let text): state = text
    case .without(let name): missing = name
    case .scales(let count): scales = count
    case .value(let value): values[5] = value
    case nil: break
    }
    var parts: [(String, String, [UInt8])] = []
    parts.append((name, "U8", [UInt8](repeating: 0xFF, count: (count + 1) / 2)))
    let numbers = [Float](repeating: scale, count: scales).flatMap { littleEndian($0.bitPattern) }
    parts.append((name + ".absmax", "F32", numbers))
    parts.append((name + ".quant_map", "F32", values.flatMap { littleEndian($0.bitPattern) }))
    parts.append((name + ".quant_state.bitsandbytes__nf4", "U8", Array(state.utf8)))
    for (name, type, bytes) in parts where name != missing {
      add(name, type, [bytes.count / (type == "F32" ? 4 : 1)], bytes: bytes)
    }
  }

  private static let values: [Float] = [
    -1, -0.6961928, -0.52507305, -0.3949175, -0.28444138, -0.18477343, -0.091050036, 0, 0.0795803, 0.1609302, 0.2461123,
    0.33791524, 0.44070983, 0.562617, 0.72295684, 1,
  ]
}
