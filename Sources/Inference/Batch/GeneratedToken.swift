/// A token that the model produced.
public struct GeneratedToken: Sendable, Equatable {
  /// A token that could have stood in its place.
  public struct Alternative: Sendable, Equatable {
    /// The token.
    public let id: Int32
    /// Its log-probability under the model.
    public let logProbability: Float
  }

  /// The token.
  public let id: Int32
  /// Its log-probability under the model itself: before penalty, temperature and filters; see
  /// `ContinuousBatch.Request.logProbabilityTemperature`.
  public let logProbability: Float
  /// The most probable tokens in its place, it perhaps among them, most probable first: as many as were asked for.
  public let alternatives: [Alternative]
}
