import JSON

/// What `adapter_config.json` says of a LoRA adapter (Hu et al. 2021, arXiv 2106.09685), as PEFT writes and reads it: beside each adapted
/// matrix, y += s · (x · Aᵀ) · Bᵀ.
public struct AdapterConfig: Sendable, Equatable {
  /// The model that it belongs to, as a path or a name on the hub; nil where the file does not say.
  public var base: String?
  /// The rank r of matrices that have none of their own.
  public let rank: Int
  /// α, of which the scale s = α/r is made.
  public let alpha: Double
  /// The adapted matrices by the ends of their names, as `q_proj`; nil where an expression says which.
  public let targets: [String]?
  /// The probability with which training leaves out an input of A. Answers never leave one out.
  public let dropout: Double
  /// Whether the adapter has a score of its own, in the place of its base's: PEFT's `modules_to_save`.
  public let savesScore: Bool
  /// The revision of its base on the hub; nil for the newest.
  public var revision: String?

  let rankPattern: [AdapterPattern]
  let alphaPattern: [AdapterPattern]
  /// Whether s = α/√r (Kalajdzievski 2023, arXiv 2312.03732).
  let isRankStabilized: Bool
  /// Whether targets do not say all: some layers or matrices are exempt.
  let hasExceptions: Bool
  /// What the file holds.
  private let members: TextKeyed<JSON>

  /// A new adapter, whose matrices all have one rank and one scale.
  /// - Parameters:
  ///   - base: its base's path or name, with @ and its revision where that is not the newest.
  ///   - targets: the ends of the matrices' names.
  ///   - scoring: whether it is a reward model's, and trains the score too.
  public init(
    base: String?, rank: Int, alpha: Double, targets: [String], dropout: Double = 0, scoring: Bool = false
  ) {
    self.base = base
    savesScore = scoring
    self.rank = rank
    self.alpha = alpha
    self.targets = targets
    self.dropout = dropout
    (rankPattern, alphaPattern, isRankStabilized, hasExceptions) = ([], [], false, false)
    members = [
      "peft_type": "LORA", "task_type": scoring ? "SEQ_CLS" : "CAUSAL_LM", "bias": "none", "fan_in_fan_out": false,
      "use_rslora": false,
      "use_dora": false, "init_lora_weights": true, "modules_to_save": scoring ? ["score"] : .null, "rank_pattern": [:],
      "alpha_pattern": [:],
      "r": .integer(rank), "lora_alpha": alpha == alpha.rounded() ? .integer(Int(alpha)) : .number(alpha),
      "lora_dropout": .number(dropout), "target_modules": .array(targets.map(JSON.string)), "revision": .null,
    ]
  }

  /// Reads the file at `path`.
  /// - Throws: `ModelFileError` for an adapter of another kind than LoRA's plain one.
  init(_ path: String) throws {
    let file = try JSONFile(path)
    try file.requirePlainLoRA()
    base = try file.string("base_model_name_or_path").flatMap { $0.isEmpty ? nil : $0 }
    rank = try file.required("r", file.int("r", in: 1...Self.highestRank))
    alpha = try file.required("lora_alpha", file.double("lora_alpha", in: -1e9...1e9))
    dropout = try file.double("lora_dropout", in: 0...1) ?? 0
    isRankStabilized = try file.bool("use_rslora") ?? false
    rankPattern = try file.patterns("rank_pattern", in: 1...Double(Self.highestRank), whole: true)
    alphaPattern = try file.patterns("alpha_pattern", in: -1e9...1e9)
    targets = try file.names("target_modules")
    savesScore = try file.names("modules_to_save")?.contains("score") ?? false
    revision = try file.string("revision").flatMap { $0.isEmpty || $0 == "main" ? nil : $0 }
    hasExceptions = ["layers_to_transform", "exclude_modules"].contains { file.value($0)?.isNothing == false }
    members = file.json.object ?? [:]
  }

  private static let highestRank = 1 << 16

  /// The rank of a module's matrices.
  package func rank(of module: String) -> Int {
    rankPattern.first { $0.matches(module) }.map { Int($0.value) } ?? rank
  }

  /// The scale s of a module.
  package func scale(of module: String) -> Double {
    let alpha = alphaPattern.first { $0.matches(module) }?.value ?? alpha
    let rank = Double(rank(of: module))
    return alpha / (isRankStabilized ? rank.squareRoot() : rank)
  }

  /// Whether a module is adapted, as far as the targets say.
  package func targets(_ module: String) -> Bool {
    targets?.contains { AdapterPattern.matches($0, module) } ?? false
  }

  /// The file's contents.
  var json: JSON {
    var members = members
    members["base_model_name_or_path"] = base.map(JSON.string) ?? .null
    members["revision"] = revision.map(JSON.string) ?? .null
    members["inference_mode"] = true
    return .object(members)
  }
}

extension JSON {
  /// Whether it stands for nothing having been said.
  fileprivate var isNothing: Bool {
    switch self {
    case .null, .bool(false): true
    case .array(let items): items.isEmpty
    case .object(let members): members.isEmpty
    default: false
    }
  }
}

extension JSONFile {
  /// Refuses what would make another function of the weights than LoRA's.
  fileprivate func requirePlainLoRA() throws {
    let kind = try required("peft_type", string("peft_type"))
    guard kind == "LORA" else {
      throw ModelFileError(path, "is a \(oneLine(kind, limit: 40)) adapter; only LoRA's are known")
    }
    guard try bool("use_dora") != true else {
      throw ModelFileError(path, "is a DoRA adapter; merge it into its base with PEFT's merge_and_unload")
    }
    let bias = value("bias") ?? "none"
    guard bias == "none" else { throw error("bias", "must be none", bias) }
    for key in [
      "fan_in_fan_out", "lora_bias", "trainable_token_indices", "target_parameters",
      "layer_replication", "megatron_config", "loftq_config", "alora_invocation_tokens", "arrow_config", "use_qalora",
      "use_bdlora", "kasa_config", "velora_config", "monteclora_config", "lora_ga_config",
    ] {
      guard let value = value(key), !value.isNothing else { continue }
      throw ModelFileError(
        path, "\(key) is set, which Caravan does not know; merge the adapter into its base with PEFT's merge_and_unload"
      )
    }
    // A classifier's adapter names both, and has the one that its base has.
    if let other = try names("modules_to_save")?.first(where: { !["score", "classifier"].contains($0) }) {
      throw ModelFileError(
        path,
        "modules_to_save names \(quoted(other)), and only a score is known; merge the adapter into its base with PEFT's merge_and_unload"
      )
    }
    // These begin by changing the base's own weights.
    if let method = value("init_lora_weights")?.string, !["gaussian", "orthogonal", "eva"].contains(method) {
      throw ModelFileError(
        path,
        "init_lora_weights is \(oneLine(method, limit: 40)), by which the base changes too; save it as a plain adapter with PEFT"
      )
    }
  }

  /// The numbers under patterns of modules' names, in their order.
  fileprivate func patterns(_ key: String, in range: ClosedRange<Double>, whole: Bool = false) throws
    -> [AdapterPattern]
  {
    guard let object = try object(key) else { return [] }
    return try (object.json.object ?? [:]).map { pattern, _ in
      guard let value = try object.double(pattern, in: range), !whole || value == value.rounded() else {
        throw object.error(pattern, "must be a \(whole ? "whole " : "")number", object.value(pattern) ?? .null)
      }
      guard let pattern = AdapterPattern(pattern, value) else {
        throw ModelFileError(
          path, "\(key) has the expression \(quoted(pattern)); only names of modules, and ends of them, are known")
      }
      return pattern
    }
  }

  /// A list of names; nil where it is an expression.
  fileprivate func names(_ key: String) throws -> [String]? {
    guard let value = value(key), value.string == nil else { return nil }
    return try (value.array ?? []).map { name in
      guard let name = name.string else { throw error(key, "must be a list of names", value) }
      return name
    }
  }
}
