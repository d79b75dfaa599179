extension Column {
  /// How much better an answer is than was to be expected: one number a sequence, or one a scored place.
  public static let advantage = Column("advantage")
  /// The log-probability of each scored token under the policy that sampled it, one number a place.
  public static let oldLogProbability = Column("old log-probability")
  /// The log-probability of each scored token under the reference model, one number a place.
  public static let referenceLogProbability = Column("reference log-probability")
  /// 1 where an answer teaches nothing, one number a sequence: its tokens count nowhere. Absent where all answers teach.
  public static let isMasked = Column("is masked")
  /// What an answer counts for having been given by other weights, one number a sequence; absent where the policy itself gave
  /// it. See `SamplingCorrection`.
  public static let samplingWeight = Column("sampling weight")
  /// The entropy of the policy at each scored place, in nats.
  public static let entropy = Column("entropy")
}
