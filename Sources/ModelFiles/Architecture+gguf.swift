extension Architecture.Tensor {
  /// llama.cpp's name of the tensor.
  package var ggufName: String {
    let block = if case .layer(let index) = group { "blk.\(index)." } else { "" }
    return block + role.ggufModule + (isBias ? ".bias" : ".weight")
  }
}

extension Architecture.Role {
  /// llama.cpp's name of the module, within its layer.
  var ggufModule: String {
    switch self {
    case .embedding: "token_embd"
    case .attentionNorm: "attn_norm"
    case .queryNorm: "attn_q_norm"
    case .keyNorm: "attn_k_norm"
    case .query: "attn_q"
    case .key: "attn_k"
    case .value: "attn_v"
    case .queryKeyValue: "attn_qkv"
    case .output: "attn_output"
    case .outputNorm: "post_attention_norm"
    case .feedForwardNorm: "ffn_norm"
    case .gate: "ffn_gate"
    // Phi-3's holds the gate too.
    case .up, .gateUp: "ffn_up"
    case .down: "ffn_down"
    case .downNorm: "post_ffw_norm"
    case .norm: "output_norm"
    case .projection: "output"
    // As llama.cpp names a classifier's; such models are not written.
    case .score: "cls.output"
    }
  }
}
