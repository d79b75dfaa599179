import JSON
import ModelFiles

extension GGUFModel {
  /// The adapter of a folder, for llama.cpp's `--lora`; names, metadata and order of rows are those of its converter. It stays float32.
  ///
  /// llama.cpp scales each product by `adapter.lora.alpha` over the rank that it sees, whatever else a configuration says. Where an
  /// adapter's matrices are scaled differently, that goes into B.
  /// - Parameter name: What the file says that the adapter is called.
  /// - Throws: `ModelFileError` where the adapter is of another base, or damaged.
  public init(_ adapter: AdapterFolder, of model: LlamaConfig, name: String) throws {
    let factors = try adapter.factors(for: model)
    func alpha(_ factors: AdapterFactors) -> Double { factors.scale * Double(factors.rank) }
    let common = factors.map(alpha).max { abs($0) < abs($1) } ?? 1
    let tensors = try factors.flatMap { factors -> [GGUFTensor] in
      var (a, b) = try factors.floats()
      let share = common == 0 ? 0 : Float(alpha(factors) / common)
      if share != 1 { b = b.map { $0 * share } }
      if model.ggufInterleavesHeads, [.query, .key].contains(factors.weight.role) {
        let (rows, rank) = (HeadRows(headSize: model.headSize), factors.rank)
        b = (0..<b.count / rank).flatMap { b[rows.source(of: $0) * rank..<(rows.source(of: $0) + 1) * rank] }
      }
      let (name, shapes) = (factors.weight.ggufName, factors.weight.factors(rank: factors.rank))
      return [
        GGUFTensor(name: name + ".lora_a", shape: shapes.a.shape, type: .float32, source: .numbers(a)),
        GGUFTensor(name: name + ".lora_b", shape: shapes.b.shape, type: .float32, source: .numbers(b)),
      ]
    }
    self.init(
      notes: [],
      file: GGUFFile(
        metadata: [
          "general.architecture": .text(model.ggufArchitecture), "general.type": .text("adapter"),
          "general.name": .text(name), "general.file_type": .uint32(GGUFTensorType.float32.fileType),
          "general.quantization_version": .uint32(2), "adapter.type": .text("lora"),
          "adapter.lora.alpha": .float32(Float(common)),
        ], tensors: tensors))
  }
}
