import JSON

/// How a folder wants text to be sampled: `generation_config.json`, or what `config.json` says where there is none.
public struct GenerationConfig: Sendable, Equatable {
  /// The token that begins a text.
  public let bosTokenID: Int?
  /// The tokens that end a text.
  public let eosTokenIDs: [Int]
  /// The token that fills up a batch.
  public let padTokenID: Int?
  /// Whether tokens are sampled; the likeliest is taken otherwise.
  public let doSample: Bool
  /// Divides the logits.
  public let temperature: Double
  /// The share of probability that sampling keeps; 1 keeps all.
  public let topP: Double
  /// The number of tokens that sampling keeps; nil keeps all.
  public let topK: Int?
  /// The longest text with its prompt, in tokens, where the folder says it.
  public let maxLength: Int?
  /// The longest text without its prompt, in tokens, where the folder says it.
  public let maxNewTokens: Int?
  /// The whole file, with the keys that this type does not know; nil where the folder has none.
  public let json: JSON?

  /// Reads the object of `generation_config.json`, or takes transformers' defaults where `json` is nil.
  ///
  /// Token ids that it lacks come from `config`.
  /// - Throws: `ModelFileError`, naming file and key.
  public init(json: JSON?, config: LlamaConfig, path: String = "generation_config.json") throws {
    let fields = try JSONFile(path: path, json: json ?? [:])
    bosTokenID = try fields.tokenID("bos_token_id") ?? config.bosTokenID
    eosTokenIDs = try fields.tokenIDs("eos_token_id") ?? config.eosTokenIDs
    padTokenID = try fields.tokenID("pad_token_id")
    doSample = try fields.bool("do_sample") ?? false
    temperature = try fields.double("temperature", in: 0...1e6) ?? 1
    topP = try fields.double("top_p", in: 0...1) ?? 1
    let largest = Int(Int32.max)
    topK = (try fields.int("top_k", in: 0...largest) ?? 50).nonZero
    maxLength = try fields.int("max_length", in: 1...largest)
    maxNewTokens = try fields.int("max_new_tokens", in: 1...largest)
    self.json = json
  }
}

extension Int {
  fileprivate var nonZero: Int? { self == 0 ? nil : self }
}
