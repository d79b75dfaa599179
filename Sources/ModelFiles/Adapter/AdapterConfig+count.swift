extension AdapterConfig {
  /// The numbers that a new adapter of a model has: A's and B's, and the score where it trains one.
  public func parameterCount(for model: LlamaConfig) -> Int {
    model.architecture.adaptable.filter { targets($0.module) }.reduce(savesScore ? model.hiddenSize : 0) {
      $0 + rank(of: $1.module) * ($1.shape[0] + $1.shape[1])
    }
  }
}

extension [AdapterFactors] {
  /// The numbers of all A's and B's.
  public var parameterCount: Int { reduce(0) { $0 + $1.a.elementCount + $1.b.elementCount } }
}
