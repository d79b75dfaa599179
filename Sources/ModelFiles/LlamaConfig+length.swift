extension LlamaConfig {
  /// The most tokens of a sequence in training and scoring, unless told otherwise.
  package var usualMaximumLength: Int { min(4096, maxPositions) }
}
