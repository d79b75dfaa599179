extension LlamaConfig {
  /// The model that the configuration describes.
  public var architecture: Architecture { Architecture(self) }
}

extension Architecture {
  fileprivate init(_ config: LlamaConfig) {
    let matrix = [config.vocabularySize, config.hiddenSize]
    embedding = Tensor(.embedding, in: .embedding, matrix)
    layers = (0..<config.layerCount).map { Layer(config, index: $0) }
    norm = Tensor(.norm, in: .norm, [config.hiddenSize])
    score = config.head.labels.map { Tensor(.score, in: .score, [$0, config.hiddenSize]) }
    projection = config.tiesEmbeddings || score != nil ? nil : Tensor(.projection, in: .projection, matrix)
  }
}

extension Architecture.Layer {
  fileprivate init(_ config: LlamaConfig, index: Int) {
    let (D, F) = (config.hiddenSize, config.feedForwardSize)
    let (queries, keys) = (config.headCount * config.headSize, config.keyHeadCount * config.headSize)
    func norm(_ role: Architecture.Role, _ size: Int) -> Architecture.Tensor {
      Architecture.Tensor(role, in: .layer(index), [size])
    }
    func linear(
      _ outputs: KeyValuePairs<Architecture.Role, Int>, from inputs: Int, bias: Bool
    ) -> Architecture.Linear {
      Architecture.Linear(
        weights: outputs.map { Architecture.Tensor($0, in: .layer(index), [$1, inputs]) },
        biases: bias ? outputs.map { Architecture.Tensor($0, in: .layer(index), isBias: true, [$1]) } : [])
    }
    attentionNorm = norm(.attentionNorm, D)
    queryKeyValue = linear([.query: queries, .key: keys, .value: keys], from: D, bias: config.attentionBias)
    queryNorm = config.normalizesHeads ? norm(.queryNorm, config.headSize) : nil
    keyNorm = config.normalizesHeads ? norm(.keyNorm, config.headSize) : nil
    output = linear([.output: D], from: queries, bias: config.outputBias)
    feedForwardNorm = norm(.feedForwardNorm, D)
    gateUp = linear([.gate: F, .up: F], from: D, bias: config.mlpBias)
    down = linear([.down: D], from: F, bias: config.mlpBias)
  }
}
