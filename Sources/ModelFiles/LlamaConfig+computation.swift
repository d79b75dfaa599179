extension LlamaConfig {
  // What no forward pass reads. All else counts, so that a property that is added later counts too, but for the head that all models had once.
  private static let apart: Set = [
    "json", "modelType", "maxPositions", "bosTokenID", "eosTokenIDs", "padTokenID", "elementType",
  ]

  /// What decides a forward pass besides the weights, as text: the same for configurations that compute the same.
  ///
  /// It is made of the settled values, so that neither spelling nor keys like `_name_or_path` change it. The longest
  /// context is in it where the rotary frequencies depend on it.
  package var computation: String {
    Mirror(reflecting: self).children.compactMap { label, value in
      label.flatMap { Self.apart.contains($0) || value as? Head == .vocabulary ? nil : "\($0): \(value)" }
    }.joined(separator: "\n")
  }
}
