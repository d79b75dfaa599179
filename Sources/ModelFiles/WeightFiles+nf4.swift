import CKernels
import JSON

extension WeightFiles {
  private static let stateSuffix = ".quant_state.bitsandbytes__nf4"

  /// Puts one tensor in the place of those that bitsandbytes makes of a matrix: `X`, `X.absmax`, `X.quant_map`,
  /// `X.nested_absmax`, `X.nested_quant_map` and `X.quant_state.bitsandbytes__nf4`.
  /// - Throws: `ModelFileError` where they do not fit together.
  static func joinNF4(_ tensors: TextKeyed<StoredTensor>) throws -> TextKeyed<StoredTensor> {
    let states = tensors.values.filter { $0.name.hasSuffix(stateSuffix) }
    guard !states.isEmpty else { return tensors }
    var joined = tensors
    for state in states {
      let parts = try NF4Parts(of: String(state.name.dropLast(stateSuffix.count)), state, tensors)
      for name in parts.names { joined[name] = nil }
      joined[parts.matrix.name] = parts.matrix
    }
    return joined
  }
}

/// The tensors of one matrix, found and checked: nothing that is read afterwards can lead out of them.
private struct NF4Parts {
  /// The matrix as one tensor.
  let matrix: StoredTensor
  /// The names of its tensors.
  let names: [String]

  init(of name: String, _ stateTensor: StoredTensor, _ tensors: TextKeyed<StoredTensor>) throws {
    func part(_ suffix: String, _ type: ElementType, _ count: Int) throws -> StoredTensor {
      guard let tensor = tensors[name + suffix] else {
        throw ModelFileError(
          stateTensor.path, "lacks tensor \(quoted(name + suffix)), which belongs to \(quoted(name))")
      }
      guard tensor.elementType == type, tensor.elementCount == count else {
        throw ModelFileError(
          tensor.path,
          "tensor \(quoted(tensor.name)) has \(tensor.elementCount) elements of \(tensor.elementType.torchName), "
            + "NF4 of this shape needs \(count) of \(type.torchName)")
      }
      return tensor
    }

    let state = try NF4State(stateTensor)
    let blocks = state.count.divided(by: CK_NF4_BLOCK)
    guard let codes = tensors[name] else {
      throw ModelFileError(stateTensor.path, "lacks tensor \(quoted(name)), of which it has the quantization")
    }
    // Some keep the bytes as numbers of another type.
    guard codes.byteCount == state.count.divided(by: 2) else {
      throw ModelFileError(
        codes.path,
        "tensor \(quoted(name)) has \(codes.byteCount) bytes, NF4 of shape \(state.shape) needs \(state.count.divided(by: 2))"
      )
    }
    let values = try part(".quant_map", .float32, CK_NF4_VALUES)
    guard try values.floats().elementsEqual(UnsafeBufferPointer(start: ck_nf4_values(), count: CK_NF4_VALUES)) else {
      throw ModelFileError(values.path, "tensor \(quoted(values.name)) does not hold the values of NF4")
    }
    let scales = try part(".absmax", state.offset == nil ? .float32 : .uint8, blocks)
    let doubling = try state.offset.map { offset in
      StoredNF4.Doubling(
        map: try part(".nested_quant_map", .float32, 256),
        scales: try part(".nested_absmax", .float32, blocks.divided(by: CK_DYNAMIC_BLOCK)), offset: offset)
    }
    names = ([values, scales, stateTensor] + (doubling.map { [$0.map, $0.scales] } ?? [])).map(\.name)
    matrix = StoredTensor(
      name: name, elementType: state.elementType, shape: state.shape, elementCount: state.count, strides: nil,
      file: codes.file, offset: codes.offset, nf4: StoredNF4(codes: codes, scales: scales, doubling: doubling))
  }
}

/// What bitsandbytes says of a matrix, as JSON in a tensor of bytes.
private struct NF4State {
  let shape: [Int]
  let count: Int
  let elementType: ElementType
  /// Where the scales are quantized too: their mean.
  let offset: Float?

  init(_ tensor: StoredTensor) throws {
    func error(_ reason: String) -> ModelFileError {
      ModelFileError(tensor.path, "tensor \(quoted(tensor.name)): \(reason)")
    }
    guard tensor.elementType == .uint8, tensor.elementCount <= 1 << 16,
      let json = try? tensor.withBytes({ try JSON(parsing: $0) }), json.object != nil
    else { throw error("it is not an object in JSON") }
    guard json["quant_type"]?.string == "nf4" else { throw error("quant_type must be nf4") }
    guard json["blocksize"]?.int == CK_NF4_BLOCK else { throw error("blocksize must be \(CK_NF4_BLOCK)") }
    guard let type = json["dtype"]?.string.flatMap(ElementType.init(torchName:)),
      [.float32, .bfloat16, .float16].contains(type)
    else { throw error("dtype must be float32, bfloat16 or float16") }
    let sizes = json["shape"]?.array ?? []
    let shape = sizes.compactMap { $0.int.flatMap { $0 > 0 ? $0 : nil } }
    guard !shape.isEmpty, shape.count == sizes.count, let count = checkedProduct(shape),
      !count.multipliedReportingOverflow(by: 4).overflow
    else { throw error("shape must be a list of sizes") }
    (self.shape, self.count, elementType) = (shape, count, type)
    guard let nested = json["nested_blocksize"], nested != .null else {
      offset = nil
      return
    }
    guard nested.int == CK_DYNAMIC_BLOCK, json["nested_dtype"]?.string == "float32" else {
      throw error("its scales must be in blocks of \(CK_DYNAMIC_BLOCK) with scales in float32")
    }
    guard let mean = json["nested_offset"]?.double.map({ Float($0) }), mean.isFinite else {
      throw error("nested_offset must be a number")
    }
    offset = mean
  }
}

extension Int {
  /// The quotient, rounded up.
  fileprivate func divided(by size: Int) -> Int { self / size + (self % size > 0 ? 1 : 0) }
}
