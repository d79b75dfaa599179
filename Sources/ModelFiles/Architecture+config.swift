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
    let family = config.family
    func norm(_ role: Architecture.Role, _ size: Int, where isThere: Bool = true) -> Architecture.Tensor? {
      isThere ? Architecture.Tensor(role, in: .layer(index), of: family, [size]) : nil
    }
    func linear(
      _ outputs: KeyValuePairs<Architecture.Role, Int>, from inputs: Int, bias: Bool
    ) -> Architecture.Linear {
      Architecture.Linear(
        weights: outputs.map { Architecture.Tensor($0, in: .layer(index), of: family, [$1, inputs]) },
        biases: bias ? outputs.map { Architecture.Tensor($0, in: .layer(index), of: family, isBias: true, [$1]) } : [])
    }
    let (hasBefore, hasAfter) = (family.norms != .after, family.norms != .before)
    attentionNorm = norm(.attentionNorm, D, where: hasBefore)
    queryKeyValue =
      family.fusesProjections
      ? linear([.queryKeyValue: queries + 2 * keys], from: D, bias: config.attentionBias)
      : linear([.query: queries, .key: keys, .value: keys], from: D, bias: config.attentionBias)
    let isWhole = family.queryKeyNorm == .whole
    queryNorm = norm(.queryNorm, isWhole ? queries : config.headSize, where: family.queryKeyNorm != nil)
    keyNorm = norm(.keyNorm, isWhole ? keys : config.headSize, where: family.queryKeyNorm != nil)
    output = linear([.output: D], from: queries, bias: config.outputBias)
    outputNorm = norm(.outputNorm, D, where: hasAfter)
    feedForwardNorm = norm(.feedForwardNorm, D, where: hasBefore)
    gateUp =
      family.fusesProjections
      ? linear([.gateUp: 2 * F], from: D, bias: config.mlpBias)
      : linear([.gate: F, .up: F], from: D, bias: config.mlpBias)
    down = linear([.down: D], from: F, bias: config.mlpBias)
    downNorm = norm(.downNorm, D, where: hasAfter)
  }
}
