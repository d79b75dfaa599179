/// What a preference loss sees of the two answers to a prompt.
struct Pair: Sendable {
  /// A number for the chosen answer and one for the rejected.
  struct Sides: Sendable, Equatable {
    /// The chosen answer's.
    var chosen: Double
    /// The rejected answer's.
    var rejected: Double

    /// The chosen answer's number less the rejected one's.
    var margin: Double { chosen - rejected }

    mutating func add(_ other: Sides, times weight: Double) {
      chosen += weight * other.chosen
      rejected += weight * other.rejected
    }

    /// The numbers of both sides put together.
    func with(_ other: Sides, _ combine: (Double, Double) -> Double) -> Sides {
      Sides(chosen: combine(chosen, other.chosen), rejected: combine(rejected, other.rejected))
    }
  }

  /// c and r: the answers' log-probabilities under the policy, summed over their scored tokens.
  let policy: Sides
  /// The same under the reference; 0 for a loss that compares with none.
  let reference: Sides
  /// |c| and |r|: how many scored tokens there are, at least 1.
  let lengths: Sides
  /// Δc and Δr: the policy's log-probabilities less the reference's.
  var scores: Sides
  /// What the loss takes from the other pairs of the batch; see `PairLoss.shifts`.
  var shifts = Sides(chosen: 0, rejected: 0)

  /// A pair by its log-probabilities and lengths.
  init(policy: Sides, reference: Sides, lengths: Sides) {
    self.policy = policy
    self.reference = reference
    self.lengths = lengths
    scores = policy.with(reference, -)
  }

  /// 1/|c| and 1/|r|.
  var shares: Sides { Sides(chosen: 1 / lengths.chosen, rejected: 1 / lengths.rejected) }
}
