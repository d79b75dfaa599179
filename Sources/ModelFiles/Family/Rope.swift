/// How queries and keys turn by their positions (Su et al. 2021, arXiv 2104.09864).
public struct Rope: Sendable, Equatable {
  /// The base of the frequencies.
  public let theta: Double
  /// How they are stretched.
  public let scaling: RopeScaling
  /// The numbers of each head that turn, from its first; even.
  public let size: Int
}

/// What one layer's attention sees, and how it knows positions.
public struct LayerAttention: Sendable, Equatable {
  /// The tokens that a token sees, itself and those before it; nil for all.
  public let window: Int?
  /// How its queries and keys turn; nil where they do not.
  public let rope: Rope?
}
