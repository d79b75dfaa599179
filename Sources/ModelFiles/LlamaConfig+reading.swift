import JSON

extension LlamaConfig {
  /// Reads the `config.json` at a path.
  /// - Throws: `ModelFileError`, naming file and key.
  public init(path: String) throws { try self.init(json: JSONFile(path).json, path: path) }

  /// Reads a configuration in the spelling of transformers 4 or 5.
  /// - Parameters:
  ///   - json: The object of `config.json`.
  ///   - path: The file that messages name.
  /// - Throws: `ModelFileError`, naming file and key.
  public init(json: JSON, path: String = "config.json") throws {
    let fields = try JSONFile(path: path, json: json)
    let modelType = try Self.modelType(fields)
    let family = modelType.family
    try Self.refuseOthers(fields, family)

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
    keyHeadCount = try Self.keyHeadCount(fields, family, headCount: headCount)
    headSize = try Self.headSize(fields, family, hiddenSize: hiddenSize, headCount: headCount)
    rmsNormEpsilon = try fields.double("rms_norm_eps", in: 0...1) ?? family.normEpsilon
    let positions = try fields.int("max_position_embeddings", in: 1...Self.largestPosition)
    maxPositions = positions ?? family.maxPositions
    let rope = try RopeFields(fields, family, headSize: headSize, maxPositions: maxPositions)
    (ropeTheta, ropeScaling) = (rope.full.theta, rope.full.scaling)
    tiesEmbeddings = try fields.bool("tie_word_embeddings") ?? family.tiesEmbeddings
    let bias = try family.biases.contains(.attention) && fields.bool("attention_bias") ?? false
    attentionBias = bias || family.biases.contains(.always)
    outputBias = bias
    mlpBias = try family.biases.contains(.feedForward) && fields.bool("mlp_bias") ?? false
    attention = try LayerAttention.layers(fields, family, count: layerCount, rope: rope)
    slidingWindow = attention.lazy.compactMap(\.window).first
    multipliers = try Multipliers(fields, family, hiddenSize: hiddenSize)
    // An absent key means the family's default, null means none.
    func token(_ key: String, _ fallback: Int?) throws -> Int? {
      json[key] == nil ? fallback : try fields.tokenID(key)
    }
    bosTokenID = try token("bos_token_id", family.tokens?.bos)
    eosTokenIDs =
      try json["eos_token_id"] == nil ? family.tokens.map { [$0.eos] } ?? [] : fields.tokenIDs("eos_token_id") ?? []
    padTokenID = try token("pad_token_id", family.tokens?.pad)
    elementType = try Self.elementType(fields)
    head = try Self.head(fields)
  }

  /// What `config.json` says against itself, and how that is settled, a line each.
  public var remarks: [String] {
    let rope = try? RopeFields(
      JSONFile(path: "config.json", json: json), family, headSize: headSize, maxPositions: maxPositions)
    return rope?.remarks ?? []
  }

  private static func modelType(_ fields: JSONFile) throws -> ModelType {
    let name = try fields.required("model_type", fields.string("model_type"))
    guard let type = ModelType(rawValue: name) else {
      if ["num_local_experts", "num_experts", "n_routed_experts"].contains(where: { fields.value($0) != nil }) {
        throw ModelFileError(
          fields.path, "model_type \(quoted(name)) is a mixture of experts, which is not supported; use a dense model")
      }
      if fields.value("vision_config") != nil || fields.value("audio_config") != nil {
        throw ModelFileError(
          fields.path, "model_type \(quoted(name)) takes more than text, which is not supported; use a model of text")
      }
      let supported = ModelType.allCases.map(\.rawValue).joined(separator: ", ")
      throw ModelFileError(fields.path, "model_type \(quoted(name)) is not supported (supported: \(supported))")
    }
    return type
  }

  /// Refuses what would change the numbers if it were ignored.
  private static func refuseOthers(_ fields: JSONFile, _ family: Family) throws {
    let key = family.gemma == nil ? "hidden_act" : "hidden_activation"
    if let activation = try fields.string(key), activation != family.activation.rawValue {
      throw ModelFileError(
        fields.path, "\(key) \(quoted(activation)) is not supported (supported: \(family.activation.rawValue))")
    }
    if try family.gemma != nil && fields.bool("use_bidirectional_attention") ?? false {
      throw ModelFileError(
        fields.path, "use_bidirectional_attention: a model that sees what follows is no language model")
    }
    if let quantization = fields.value("quantization_config"), !isNF4(quantization), !isFP8(quantization) {
      throw ModelFileError(
        fields.path,
        "quantization_config: weights that were quantized \(method(of: quantization)) are not read (by bitsandbytes to NF4, and "
          + "to FP8, they are); use the model that they were made of")
    }
  }

  /// Which quantization it is, as `by GPTQ to 4 bits`.
  private static func method(of quantization: JSON) -> String {
    let names = [
      "gptq": "GPTQ", "awq": "AWQ", "aqlm": "AQLM", "hqq": "HQQ", "eetq": "EETQ", "vptq": "VPTQ", "mxfp4": "MXFP4",
    ]
    let method = quantization["quant_method"]?.string.map { "by " + (names[$0] ?? oneLine($0, limit: 40)) }
    let bits = quantization["bits"]?.int ?? (quantization["load_in_8bit"]?.bool == true ? 8 : nil)
    let type = quantization["load_in_4bit"]?.bool == true ? quantization["bnb_4bit_quant_type"]?.string : nil
    let result = type.map { "to " + oneLine($0.uppercased(), limit: 40) } ?? bits.map { "to \($0) bits" }
    return [method ?? "in a way that is not said", result].compactMap(\.self).joined(separator: " ")
  }

  /// Whether weights are in NF4, by bitsandbytes, which is read.
  private static func isNF4(_ quantization: JSON) -> Bool {
    quantization["quant_method"]?.string == "bitsandbytes" && quantization["load_in_4bit"]?.bool == true
      && quantization["bnb_4bit_quant_type"]?.string == "nf4"
  }

  /// Whether matrices are in FP8 with scales for blocks of them, which is read.
  private static func isFP8(_ quantization: JSON) -> Bool { quantization["quant_method"]?.string == "fp8" }

  private static func keyHeadCount(_ fields: JSONFile, _ family: Family, headCount: Int) throws -> Int {
    let key = "num_key_value_heads"
    // Where the key is absent, some families have fixed numbers; null means the query heads.
    let fallback = fields.json[key] == nil ? family.keyHeadCount ?? headCount : headCount
    let count = try fields.int(key, in: 1...headCount) ?? fallback
    guard headCount % count == 0 else {
      throw ModelFileError(fields.path, "\(key) \(count) does not divide num_attention_heads \(headCount)")
    }
    return count
  }

  private static func headSize(
    _ fields: JSONFile, _ family: Family, hiddenSize: Int, headCount: Int
  ) throws -> Int {
    if family.headSize != nil, fields.json["head_dim"] == .null {
      throw ModelFileError(fields.path, "head_dim is null, which transformers refuses too; give the numbers of a head")
    }
    let given = try fields.int("head_dim", in: 1...1 << 12) ?? family.headSize
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
