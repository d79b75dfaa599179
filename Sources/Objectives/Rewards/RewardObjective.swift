/// A reward model's objective: the better answer's reward is to exceed the worse one's (Bradley and Terry 1952; Ouyang et al.
/// 2022, arXiv 2203.02155, equation 1).
///
/// −log σ(r_c − r_r − m) + λ·(r_c + r_r)², where m is the pair's margin, if it has one (Touvron et al. 2023, arXiv 2307.09288,
/// equation 2), and λ keeps rewards about 0, which pairs alone leave open (Eisenstein et al. 2023, arXiv 2312.09244, section 3).
/// As TRL's `RewardTrainer` has it.
public struct RewardObjective: Objective {
  /// How strongly rewards are held about 0 (λ).
  public let centering: Double

  /// The objective.
  /// - Parameter centering: λ; at least 0.
  /// - Throws: `ObjectiveError` where it is not.
  public init(centering: Double = 0) throws {
    guard centering >= 0, centering.isFinite else {
      throw ObjectiveError("the weight of centred rewards must be at least 0, not \(centering)")
    }
    self.centering = centering
  }

  /// Each pair counts once.
  public func weight(of example: ScoredExample) -> Double { 1 }

  /// The loss of a pair's rewards, the better answer's first.
  public func loss(of example: ScoredExample, values: [[Float]]) -> ExampleLoss {
    let (chosen, rejected) = (Double(values[0][0]), Double(values[1][0]))
    let (difference, sum) = (chosen - rejected, chosen + rejected)
    let x = difference - (example[.margin]?.first?.first ?? 0)
    let (slope, pull) = (-sigmoid(-x), 2 * centering * sum)
    var loss = ExampleLoss(
      loss: -logSigmoid(x) + centering * sum * sum, slopes: [[slope + pull], [-slope + pull]],
      metrics: [
        "accuracy": difference > 0 ? 1 : 0, "margin": difference, "mean_reward": sum / 2, "chosen_reward": chosen,
        "rejected_reward": rejected,
      ])
    loss.least = [("min_reward", min(chosen, rejected))]
    loss.greatest = [("max_reward", max(chosen, rejected))]
    return loss
  }
}

extension Column {
  /// By how much the better answer's reward should exceed the worse one's: one number, of the first sequence.
  public static let margin = Column("margin")
}
