extension LlamaConfig {
  // What no forward pass reads. All else counts, so that a property that is added later counts too.
  private static let apart: Set = [
    "json", "modelType", "maxPositions", "bosTokenID", "eosTokenIDs", "padTokenID", "elementType",
  ]

  /// What decides a forward pass besides the weights, as text: the same for configurations that compute the same.
  ///
  /// It is made of the settled values, so that neither spelling nor keys like `_name_or_path` change it. The longest
  /// context is in it where the rotary frequencies depend on it. The family is not: its tensors' names tell it.
  package var computation: String {
    Mirror(reflecting: self).children.compactMap { label, value in
      label.flatMap { Self.apart.contains($0) || isUsual(value) ? nil : "\($0): \(value)" }
    }.joined(separator: "\n")
  }

  /// Whether a value is what all models had once, of which nothing was said.
  private func isUsual(_ value: Any) -> Bool {
    if let head = value as? Head { return head == .vocabulary }
    if let multipliers = value as? Multipliers { return multipliers == .none }
    guard let layers = value as? [LayerAttention] else { return false }
    let rope = Rope(theta: ropeTheta, scaling: ropeScaling, size: headSize)
    return layers.allSatisfy { $0 == LayerAttention(window: slidingWindow, rope: rope) }
  }
}
