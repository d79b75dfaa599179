/// The two matrices that an adapter has for one of the model's: W becomes W + s · B · A.
public struct AdapterFactors: Sendable {
  /// The adapted matrix W, out × in.
  public let weight: Architecture.Tensor
  /// r × in.
  public let a: StoredTensor
  /// out × r.
  public let b: StoredTensor
  /// s.
  public let scale: Double

  /// The rank r.
  public var rank: Int { a.shape[0] }

  /// The numbers of A and B.
  /// - Throws: `ModelFileError` where one of them is not finite.
  public func floats() throws -> (a: [Float], b: [Float]) { (try Self.floats(a), try Self.floats(b)) }

  private static func floats(_ tensor: StoredTensor) throws -> [Float] {
    let floats = try tensor.floats()
    guard floats.allSatisfy(\.isFinite) else {
      throw ModelFileError(
        tensor.path, "tensor \(quoted(tensor.name)) holds numbers that are not finite; it is damaged")
    }
    return floats
  }
}

extension Architecture.Tensor {
  /// The names of an adapted matrix's factors in PEFT's files, and their shapes: r × in, and out × r.
  public func factors(rank: Int) -> (a: Architecture.Tensor, b: Architecture.Tensor) {
    (
      Architecture.Tensor(self, named: AdapterFolder.name(module, "A"), [rank, shape[1]]),
      Architecture.Tensor(self, named: AdapterFolder.name(module, "B"), [shape[0], rank])
    )
  }

  /// The tensor in PEFT's files that stands in its place as a whole.
  public var replaced: Architecture.Tensor {
    Architecture.Tensor(self, named: AdapterFolder.prefix + name, shape)
  }

  /// Its module's name, as `model.layers.0.self_attn.q_proj`.
  public var module: String { String(name.dropLast(isBias ? ".bias".count : ".weight".count)) }
}

extension Architecture {
  /// The matrices that an adapter may change: the seven of each layer.
  public var adaptable: [Tensor] {
    layers.flatMap { $0.queryKeyValue.weights + $0.output.weights + $0.gateUp.weights + $0.down.weights }
  }
}
