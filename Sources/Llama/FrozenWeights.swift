import Collectives
import ModelFiles
import Torch

/// The matrices of a model whose own weights do not train, in narrow formats. Norms and biases stay in float32.
///
/// What is kept as a file has it stays in the file, which is mapped into memory: it need not be loaded, programs that use the same
/// file share its memory, and the system takes that back where it is short of it.
public final class FrozenWeights {
  private let matrices: [String: FrozenMatrix]
  /// The matrices of each group, where several ranks keep them together.
  private let shared: [Architecture.Group: [FrozenMatrix]]
  private let ranks: (any Communicator)?

  /// Reads a model's matrices one after the other.
  /// - Parameters:
  ///   - format: how the layers' are kept. Embedding and projection are kept in bfloat16 where that is how they are stored, as
  ///     QLoRA leaves them (arXiv 2305.14314), and else in float32.
  ///   - ranks: the processes that keep them together, each a part of every matrix and, as they are small, all scales; nil where
  ///     this one keeps all.
  /// - Throws: `ModelFileError` where one is missing or of the wrong shape; `TorchError`.
  public init(
    _ weights: WeightFiles, of config: LlamaConfig, format: FrozenFormat, sharedBy ranks: (any Communicator)? = nil
  ) throws {
    let ranks = ranks.flatMap { $0.count > 1 ? $0 : nil }
    let tensors = config.architecture.tensors.filter(Self.isNarrow)
    var reading = WeightReading(weights, tensors.map(\.name))
    var matrices: [String: FrozenMatrix] = [:]
    var shared: [Architecture.Group: [FrozenMatrix]] = [:]
    func add(_ matrix: FrozenMatrix, _ tensor: Architecture.Tensor) {
      matrices[tensor.name] = matrix
      guard let ranks else { return }
      shared[tensor.group, default: []].append(matrix)
      matrix.discardOthers(than: ranks)
    }
    let places = config.architecture.places
    for tensor in tensors {
      let place = places[tensor.name] ?? 0
      let stored = try weights.tensor(tensor.name)
      let format = Self.format(of: tensor, storedAs: stored.elementType, format)
      if let matrix = try FrozenMatrix(stored, tensor, as: format, place: place, isReserved: ranks != nil) {
        try reading.pass(tensor.name)
        add(matrix, tensor)
        continue
      }
      add(
        try FrozenMatrix(
          stored, tensor, format: format, place: place, isReserved: ranks != nil, reading: &reading), tensor)
    }
    (self.matrices, self.shared, self.ranks) = (matrices, shared, ranks)
  }

  /// Has the matrices of a group in memory, until they are released.
  func fetch(_ group: Architecture.Group) throws {
    guard let ranks else { return }
    for matrix in shared[group] ?? [] {
      try ranks.gather(matrix.bytes, owned: matrix.parts(among: ranks.count).map { [$0] })
    }
  }

  /// Leaves the matrices of a group to those that keep them.
  func release(_ group: Architecture.Group) {
    guard let ranks else { return }
    for matrix in shared[group] ?? [] { matrix.discardOthers(than: ranks) }
  }

  /// Bytes of all of a model's weights where its matrices are kept so.
  public static func byteCount(_ weights: WeightFiles, of config: LlamaConfig, format: FrozenFormat) throws -> Int {
    try byteCount(of: config, format: format) { try weights.tensor($0.name).elementType }
  }

  /// The same for weights that are stored in bfloat16, as most are published, without looking at them.
  public static func byteCount(of config: LlamaConfig, format: FrozenFormat) -> Int {
    byteCount(of: config, format: format) { _ in .bfloat16 }
  }

  private static func byteCount(
    of config: LlamaConfig, format: FrozenFormat, storedAs type: (Architecture.Tensor) throws -> ElementType
  ) rethrows -> Int {
    try config.architecture.tensors.reduce(0) { sum, tensor in
      guard isNarrow(tensor) else { return sum + 4 * tensor.count }
      return try sum
        + Self.format(of: tensor, storedAs: type(tensor), format)
        .byteCount(rows: tensor.shape[0], columns: tensor.shape[1])
    }
  }

  /// How the matrices of a model can be kept without changing a number: as they are stored, or in float32.
  public static func exactFormat(_ weights: WeightFiles, of config: LlamaConfig) -> FrozenFormat {
    let stored = config.architecture.adaptable.compactMap { weights.tensors[$0.name] }
    if stored.allSatisfy({ $0.nf4 != nil }) { return .nf4 }
    return stored.allSatisfy { $0.nf4 == nil && $0.elementType == .bfloat16 } ? .bfloat16 : .float32
  }

  static func isNarrow(_ tensor: Architecture.Tensor) -> Bool { tensor.shape.count == 2 && tensor.role != .score }

  private static func format(
    of tensor: Architecture.Tensor, storedAs type: ElementType, _ format: FrozenFormat
  ) -> FrozenFormat {
    guard tensor.role == .embedding || tensor.role == .projection else { return format }
    return format != .float32 && type == .bfloat16 ? .bfloat16 : .float32
  }

  /// Matrices beside one another.
  func weight(_ tensors: [Architecture.Tensor]) throws -> Weight {
    .frozen(
      try tensors.map { tensor in
        guard let matrix = matrices[tensor.name], [matrix.rows, matrix.columns] == tensor.shape else {
          throw LlamaError("the weights have no \(tensor.name) of shape \(tensor.shape); they are another model's")
        }
        return matrix
      })
  }

  /// Matrices beside one another, widened to float32 as one new tensor; nil for what is not narrow.
  func values(_ tensors: [Architecture.Tensor]) throws -> Tensor? {
    let parts = try tensors.compactMap { try matrices[$0.name]?.widened() }
    guard parts.count == tensors.count else { return nil }
    guard parts.count > 1 else { return parts.first }
    let values = try Tensor(uninitialized: [parts.reduce(0) { $0 + $1.shape[0] }, parts[0].shape[1]])
    var offset = 0
    for part in parts {
      (values.floats + offset).update(from: part.floats, count: part.count)
      offset += part.count
    }
    return values
  }
}

extension FrozenMatrix {
  /// Which of its bytes each rank keeps.
  fileprivate func parts(among count: Int) -> [Range<Int>] { bytes.indices.cut(among: count, within: [bytes.indices]) }

  /// Leaves to other ranks what they keep.
  fileprivate func discardOthers(than ranks: any Communicator) {
    for (rank, part) in parts(among: ranks.count).enumerated() where rank != ranks.rank { discard(part) }
  }

  /// A matrix of a file in a format of its own. Most are read some rows after the others, and are never there in float32.
  fileprivate init(
    _ stored: StoredTensor, _ tensor: Architecture.Tensor, format: FrozenFormat, place: Int, isReserved: Bool,
    reading: inout WeightReading
  ) throws {
    guard stored.shape == tensor.shape, stored.liesRowByRow else {
      let value = try Tensor(uninitialized: tensor.shape)
      try reading.read(tensor.name, into: value.buffer)
      self = try FrozenMatrix(value, format: format, place: place, isReserved: isReserved)
      return
    }
    self = try FrozenMatrix(
      rows: tensor.shape[0], columns: tensor.shape[1], format: format, place: place, isReserved: isReserved
    ) { rows, numbers in
      try reading.read(tensor.name, rows: rows, into: numbers.buffer)
    }
  }

  /// A matrix as a file has it; nil where it is stored otherwise than it is to be kept.
  fileprivate init?(
    _ stored: StoredTensor, _ tensor: Architecture.Tensor, as format: FrozenFormat, place: Int, isReserved: Bool
  ) throws {
    guard stored.shape == tensor.shape else { return nil }
    let (rows, columns) = (stored.shape[0], stored.shape[1])
    switch (format, stored.elementType) {
    case (.nf4, _): try self.init(nf4: stored, place: place, isReserved: isReserved)
    case (.bfloat16, .bfloat16) where !isReserved, (.float32, .float32) where !isReserved:
      let dtype: DType = format == .float32 ? .float32 : .bfloat16
      guard let (bytes, owner) = stored.mapped, Int(bitPattern: bytes.baseAddress) % dtype.size == 0 else {
        return nil
      }
      self.init(rows: rows, columns: columns, dtype: dtype, lyingAt: bytes, of: owner, place: place)
    default: return nil
    }
  }

  /// A matrix as a file has it in NF4; nil where it is stored otherwise.
  private init?(nf4 stored: StoredTensor, place: Int, isReserved: Bool) throws {
    guard let nf4 = stored.nf4 else { return nil }
    let (rows, columns) = (stored.shape[0], stored.shape[1])
    let owner = nf4.codes.mapped?.owner
    self = try nf4.codes.withBytes { codes in
      try nf4.scales.withBytes { scales in
        guard let doubling = nf4.doubling else {
          return try FrozenMatrix(
            rows: rows, columns: columns, nf4: NF4Bytes(codes: codes, scales: scales), codesOf: owner,
            place: place, isReserved: isReserved)
        }
        return try doubling.map.withBytes { map in
          try doubling.scales.withBytes { own in
            let doubling = NF4Bytes.Doubling(map: map, scales: own, offset: doubling.offset)
            return try FrozenMatrix(
              rows: rows, columns: columns, nf4: NF4Bytes(codes: codes, scales: scales, doubling: doubling),
              codesOf: owner, place: place, isReserved: isReserved)
          }
        }
      }
    }
  }
}
