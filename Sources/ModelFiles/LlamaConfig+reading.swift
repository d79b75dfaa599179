import JSON

extension LlamaConfig {
  /// Reads a configuration in the spelling of transformers 4 or 5.
  /// - Parameters:
  ///   - json: The object of `config.json`.
  ///   - path: The file that messages name.
  /// - Throws: `ModelFileError`, naming file and key.
  public init(json: JSON, path: String = "config.json") throws {
    let fields = try JSONFile(path: path, json: json)
    let modelType = try Self.modelType(fields)
    try Self.refuseOthers(fields)

    // Larger numbers occur in no model; with them, no product of sizes below can overflow.
    func size(_ key: String, upTo limit: Int) throws -> Int { try fields.required(key, fields.int(key, in: 1...limit)) }
    self.modelType = modelType
    // Weights are read as numbers, and written as such.
    self.json = json.object.map { .object($0.filter { $0.key != "quantization_config" }) } ?? json
    vocabularySize = try size("vocab_size", upTo: 1 << 24)
    hiddenSize = try size("hidden_size", upTo: 1 << 18)
    feedForwardSize = try size("intermediate_size", upTo: 1 << 20)
    layerCount = try size("num_hidden_layers", upTo: 1 << 12)
    headCount = try size("num_attention_heads", upTo: 1 << 12)
    keyHeadCount = try Self.keyHeadCount(fields, modelType, headCount: headCount)
    headSize = try Self.headSize(fields, modelType, hiddenSize: hiddenSize, headCount: headCount)
    rmsNormEpsilon = try fields.double("rms_norm_eps", in: 0...1) ?? 1e-6
    let positions = try fields.int("max_position_embeddings", in: 1...Self.largestPosition)
    maxPositions = positions ?? modelType.defaultMaxPositions
    let rope = try RopeFields(fields, maxPositions: maxPositions)
    (ropeTheta, ropeScaling) = (rope.theta, rope.scaling)
    tiesEmbeddings = try fields.bool("tie_word_embeddings") ?? false
    // Llama and Qwen3 say whether all four projections have a bias; Qwen2's three always have.
    let bias = try [.llama, .qwen3].contains(modelType) && fields.bool("attention_bias") ?? false
    attentionBias = bias || modelType == .qwen2
    outputBias = bias
    mlpBias = try modelType == .llama && fields.bool("mlp_bias") ?? false
    slidingWindow = try Self.slidingWindow(fields, modelType, layerCount: layerCount)
    // An absent key means the type's default, null means none.
    let defaults = modelType.defaultTokenIDs
    bosTokenID = json["bos_token_id"] == nil ? defaults?.bos : try fields.tokenID("bos_token_id")
    eosTokenIDs =
      try json["eos_token_id"] == nil ? defaults.map { [$0.eos] } ?? [] : fields.tokenIDs("eos_token_id") ?? []
    elementType = try Self.elementType(fields)
    padTokenID = try fields.tokenID("pad_token_id")
    head = try Self.head(fields)
  }

  /// What `config.json` says against itself, and how that is settled, a line each.
  public var remarks: [String] {
    let rope = try? RopeFields(JSONFile(path: "config.json", json: json), maxPositions: maxPositions)
    return rope?.remarks ?? []
  }

  private static func modelType(_ fields: JSONFile) throws -> ModelType {
    let name = try fields.required("model_type", fields.string("model_type"))
    guard let type = ModelType(rawValue: name) else {
      let supported = ModelType.allCases.map(\.rawValue).joined(separator: ", ")
      throw ModelFileError(fields.path, "model_type \(quoted(name)) is not supported (supported: \(supported))")
    }
    return type
  }

  /// Refuses what would change the numbers if it were ignored.
  private static func refuseOthers(_ fields: JSONFile) throws {
    if let activation = try fields.string("hidden_act"), activation != "silu" {
      throw ModelFileError(fields.path, "hidden_act \(quoted(activation)) is not supported (supported: silu)")
    }
    if let quantization = fields.value("quantization_config"), !isNF4(quantization) {
      let method = quantization["quant_method"]?.string.map { " (\(oneLine($0, limit: 40)))" } ?? ""
      throw ModelFileError(
        fields.path, "quantization_config: quantized weights\(method) cannot be trained; use the unquantized model")
    }
  }

  /// Whether weights are in NF4, by bitsandbytes, which is read.
  private static func isNF4(_ quantization: JSON) -> Bool {
    quantization["quant_method"]?.string == "bitsandbytes" && quantization["load_in_4bit"]?.bool == true
      && quantization["bnb_4bit_quant_type"]?.string == "nf4"
  }

  private static func keyHeadCount(_ fields: JSONFile, _ type: ModelType, headCount: Int) throws -> Int {
    let key = "num_key_value_heads"
    // Where the key is absent, the types' defaults are fixed numbers but for Llama's; null means the query heads.
    let fallback = fields.json[key] == nil ? type.defaultKeyHeadCount ?? headCount : headCount
    let count = try fields.int(key, in: 1...headCount) ?? fallback
    guard headCount % count == 0 else {
      throw ModelFileError(fields.path, "\(key) \(count) does not divide num_attention_heads \(headCount)")
    }
    return count
  }

  private static func headSize(
    _ fields: JSONFile, _ type: ModelType, hiddenSize: Int, headCount: Int
  ) throws -> Int {
    if type == .qwen3, fields.json["head_dim"] == .null {
      throw ModelFileError(fields.path, "head_dim is null, which transformers refuses too; give the numbers of a head")
    }
    let given = try fields.int("head_dim", in: 1...1 << 12) ?? type.defaultHeadSize
    guard given != nil || hiddenSize % headCount == 0 else {
      throw ModelFileError(
        fields.path,
        "hidden_size \(hiddenSize) is not a multiple of num_attention_heads \(headCount), and head_dim is missing"
      )
    }
    let size = given ?? hiddenSize / headCount
    guard size % 2 == 0 else {
      throw ModelFileError(fields.path, "head_dim \(size) is odd; rotary embeddings need an even one")
    }
    return size
  }

  private static func slidingWindow(_ fields: JSONFile, _ type: ModelType, layerCount: Int) throws -> Int? {
    let key = "sliding_window"
    let given = try fields.int(key, in: 1...largestPosition)
    // Mistral and Qwen share the default; null turns it off.
    let window = given ?? (fields.json[key] == nil ? 4096 : nil)
    switch type {
    case .llama: return nil
    case .mistral: return window
    case .qwen2, .qwen3:
      guard try fields.bool("use_sliding_window") ?? false else { return nil }
      return try hasSlidingLayer(fields, layerCount: layerCount) ? window : nil
    }
  }

  /// Qwen2 and Qwen3: the layers are listed (`layer_types`), or those from `max_window_layers` on slide.
  private static func hasSlidingLayer(_ fields: JSONFile, layerCount: Int) throws -> Bool {
    guard let types = fields.value("layer_types") else {
      return try fields.int("max_window_layers", in: 0...largestPosition) ?? 28 < layerCount
    }
    guard let types = types.array else { throw fields.error("layer_types", "must be a list", types) }
    for type in types where type != "full_attention" && type != "sliding_attention" {
      throw fields.error("layer_types", "must hold full_attention and sliding_attention only", type)
    }
    return types.contains("sliding_attention")
  }

  private static func elementType(_ fields: JSONFile) throws -> ElementType? {
    let key = fields.value("dtype") == nil ? "torch_dtype" : "dtype"
    guard let name = try fields.string(key), name != "auto" else { return nil }
    let bare = name.hasPrefix("torch.") ? String(name.dropFirst(6)) : name
    guard let type = ElementType(torchName: bare), type.isFloat else {
      throw ModelFileError(
        fields.path, "\(key) \(quoted(name)) is not supported (supported: float32, bfloat16, float16, float64)")
    }
    return type
  }
}

/// What transformers assumes where a key is absent.
extension LlamaConfig.ModelType {
  fileprivate var defaultMaxPositions: Int {
    switch self {
    case .llama: 2048
    case .mistral: 4096 * 32
    case .qwen2, .qwen3: 32768
    }
  }

  fileprivate var defaultKeyHeadCount: Int? {
    switch self {
    case .llama: nil
    case .mistral: 8
    case .qwen2, .qwen3: 32
    }
  }

  fileprivate var defaultHeadSize: Int? { self == .qwen3 ? 128 : nil }

  fileprivate var defaultTokenIDs: (bos: Int, eos: Int)? {
    [.qwen2, .qwen3].contains(self) ? nil : (bos: 1, eos: 2)
  }

  /// What the names of transformers' classes for this type begin with.
  var className: String {
    switch self {
    case .llama: "Llama"
    case .mistral: "Mistral"
    case .qwen2: "Qwen2"
    case .qwen3: "Qwen3"
    }
  }
}
