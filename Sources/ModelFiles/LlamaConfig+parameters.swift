extension LlamaConfig {
  /// Every tensor of the model: Hugging Face's name and shape (output × input for matrices), in the order in which the
  /// model uses them.
  public var parameters: [(name: String, shape: [Int])] {
    var table: [(name: String, shape: [Int])] = [("model.embed_tokens.weight", [vocabularySize, hiddenSize])]
    func projection(_ name: String, from input: Int, to output: Int, bias: Bool) {
      table.append((name + ".weight", [output, input]))
      if bias { table.append((name + ".bias", [output])) }
    }
    for index in 0..<layerCount {
      let layer = "model.layers.\(index)."
      table.append((layer + "input_layernorm.weight", [hiddenSize]))
      let attention = layer + "self_attn."
      projection(attention + "q_proj", from: hiddenSize, to: headCount * headSize, bias: attentionBias)
      projection(attention + "k_proj", from: hiddenSize, to: keyHeadCount * headSize, bias: attentionBias)
      projection(attention + "v_proj", from: hiddenSize, to: keyHeadCount * headSize, bias: attentionBias)
      projection(attention + "o_proj", from: headCount * headSize, to: hiddenSize, bias: outputBias)
      table.append((layer + "post_attention_layernorm.weight", [hiddenSize]))
      let mlp = layer + "mlp."
      projection(mlp + "gate_proj", from: hiddenSize, to: feedForwardSize, bias: mlpBias)
      projection(mlp + "up_proj", from: hiddenSize, to: feedForwardSize, bias: mlpBias)
      projection(mlp + "down_proj", from: feedForwardSize, to: hiddenSize, bias: mlpBias)
    }
    table.append(("model.norm.weight", [hiddenSize]))
    if !tiesEmbeddings { table.append((Self.outputName, [vocabularySize, hiddenSize])) }
    return table
  }

  /// The output projection's name.
  static let outputName = "lm_head.weight"
}
