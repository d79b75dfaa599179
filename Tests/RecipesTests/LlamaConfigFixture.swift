import ModelFiles

enum LlamaConfigFixture {
  /// The shape of Llama 2 7B.
  static func sevenBillion() throws -> LlamaConfig {
    try LlamaConfig(json: [
      "model_type": "llama", "vocab_size": 32000, "hidden_size": 4096, "intermediate_size": 11008,
      "num_hidden_layers": 32, "num_attention_heads": 32, "rms_norm_eps": 1e-5, "max_position_embeddings": 4096,
    ])
  }
}
