import Foundation
import Wording

/// Direct preference optimization: each pair counts once.
///
/// A pair is two sequences, the chosen answer's first. Where the loss needs a reference, the column `reference` has its sums.
public struct PreferenceObjective: SequenceObjective {
  /// The loss of a pair.
  public let preference: PreferenceLoss

  /// The objective of a loss.
  public init(_ preference: PreferenceLoss) { self.preference = preference }

  /// One.
  public func weight(of example: ScoredExample) -> Double { 1 }

  /// The pair's loss, and the figures that TRL reports of it.
  public func loss(of example: ScoredExample, sums: [Double]) -> SequenceLoss {
    let lengths = PreferenceLoss.Sides(chosen: Double(example.counts[0]), rejected: Double(example.counts[1]))
    let policy = PreferenceLoss.Sides(chosen: sums[0], rejected: sums[1])
    let (value, gradient, rewards) = preference(policy: policy, reference: reference(of: example), lengths: lengths)
    // SimPO sees averages where the others see sums, and reports what it sees.
    let reported =
      preference.kind == .simpo
      ? PreferenceLoss.Sides(chosen: policy.chosen / lengths.chosen, rejected: policy.rejected / lengths.rejected)
      : policy
    return SequenceLoss(
      loss: value, slopes: [gradient.chosen, gradient.rejected],
      metrics: [
        "rewards/chosen": rewards.chosen,
        "rewards/rejected": rewards.rejected,
        "rewards/accuracies": rewards.chosen > rewards.rejected ? 1 : 0,
        "rewards/margins": rewards.chosen - rewards.rejected,
        "logps/chosen": reported.chosen,
        "logps/rejected": reported.rejected,
      ])
  }

  private func reference(of example: ScoredExample) -> PreferenceLoss.Sides {
    guard preference.kind.needsReference, let sums = example[.reference] else {
      precondition(!preference.kind.needsReference, "the pair has no reference scores")
      return PreferenceLoss.Sides(chosen: 0, rejected: 0)
    }
    return PreferenceLoss.Sides(chosen: sums[0][0], rejected: sums[1][0])
  }
}

/// The loss of a pair of answers: how far the policy is from preferring the chosen one.
///
/// c and r are the log-probabilities of the chosen and the rejected answer, summed over their scored tokens, of which
/// there are |c| and |r|; Δ is the policy's less the reference's; σ is the logistic function.
public struct PreferenceLoss: Sendable, Equatable {
  /// Which loss, by the name that `--loss` takes.
  public enum Kind: String, Sendable, CaseIterable {
    /// DPO (Rafailov et al. 2023, arXiv 2305.18290): −log σ(z), z = β(Δc − Δr). With label smoothing ε it is the
    /// conservative −(1 − ε) log σ(z) − ε log σ(−z).
    case sigmoid
    /// IPO (Azar et al. 2023, arXiv 2310.12036): (z − 1/2β)², z = Δc/|c| − Δr/|r|, per token as TRL has it.
    case ipo
    /// SLiC's hinge (Zhao et al. 2023, arXiv 2305.10425): max(0, 1 − z), z = β(Δc − Δr).
    case hinge
    /// Robust DPO (Chowdhury et al. 2024, arXiv 2403.00409): (−(1 − ε) log σ(z) + ε log σ(−z)) / (1 − 2ε), unbiased
    /// where a share ε of the labels is wrong.
    case robust
    /// SimPO (Meng et al. 2024, arXiv 2405.14734): −log σ(z), z = β(c/|c| − r/|r|) − γ; no reference.
    case simpo
    /// Length-normalized DPO: −log σ(z), z = β(Δc/|c| − Δr/|r|).
    case dpoNorm = "dpo-norm"

    /// Whether the loss compares with a reference model.
    public var needsReference: Bool { self != .simpo }
    /// Whether log-probabilities are averaged over an answer's tokens, where others sum them.
    public var averagesOverTokens: Bool { self == .ipo || self == .simpo || self == .dpoNorm }
    /// Whether label smoothing has a meaning for it.
    public var takesLabelSmoothing: Bool { self != .ipo && self != .hinge }
  }

  /// Which loss.
  public let kind: Kind
  /// How strongly the policy is held to the reference (β).
  public let beta: Double
  /// The share of labels taken to be wrong (ε).
  public let labelSmoothing: Double
  /// SimPO's target margin (γ), not multiplied by β.
  public let targetMargin: Double

  /// A loss with checked parameters.
  /// - Throws: `ObjectiveError` for β ≤ 0, ε outside 0..<0.5, and ε with a loss that has no use for it.
  public init(_ kind: Kind, beta: Double, labelSmoothing: Double = 0, targetMargin: Double = 0.5) throws {
    guard beta > 0, beta.isFinite else {
      throw ObjectiveError("\(setting: "beta") must be greater than 0, not \(beta)")
    }
    guard labelSmoothing >= 0, labelSmoothing < 0.5 else {
      throw ObjectiveError("\(setting: "label-smoothing") must be at least 0 and less than 0.5, not \(labelSmoothing)")
    }
    guard labelSmoothing == 0 || kind.takesLabelSmoothing else {
      throw ObjectiveError(
        "\(setting: "label-smoothing") has no meaning for \(setting: "loss") \(kind.rawValue); leave it out")
    }
    guard targetMargin >= 0, targetMargin.isFinite else {
      throw ObjectiveError("\(setting: "simpo-gamma") must be at least 0, not \(targetMargin)")
    }
    self.kind = kind
    self.beta = beta
    self.labelSmoothing = labelSmoothing
    self.targetMargin = targetMargin
  }

  /// A number for the chosen answer and one for the rejected.
  public struct Sides: Sendable, Equatable {
    /// The chosen answer's.
    public var chosen: Double
    /// The rejected answer's.
    public var rejected: Double

    /// Both numbers.
    public init(chosen: Double, rejected: Double) {
      self.chosen = chosen
      self.rejected = rejected
    }
  }

  /// The loss of one pair, and its derivatives with respect to the policy's c and r.
  /// - Parameters:
  ///   - policy: c and r under the policy, summed.
  ///   - reference: c and r under the reference, summed.
  ///   - lengths: |c| and |r|, at least 1.
  public func callAsFunction(
    policy: Sides, reference: Sides, lengths: Sides
  ) -> (loss: Double, gradient: Sides, rewards: Sides) {
    let base = kind.needsReference ? reference : Sides(chosen: 0, rejected: 0)
    let share =
      kind.averagesOverTokens
      ? Sides(chosen: 1 / lengths.chosen, rejected: 1 / lengths.rejected) : Sides(chosen: 1, rejected: 1)
    let chosen = policy.chosen - base.chosen
    let rejected = policy.rejected - base.rejected
    let margin = chosen * share.chosen - rejected * share.rejected

    let (loss, slope) = lossAndSlope(margin)
    // Rewards are β times the summed log-ratio whatever the loss, as TRL reports them; SimPO has no reference and means
    // the average.
    let reward = kind.needsReference ? Sides(chosen: 1, rejected: 1) : share
    return (
      loss,
      Sides(chosen: slope * share.chosen, rejected: -slope * share.rejected),
      Sides(chosen: beta * chosen * reward.chosen, rejected: beta * rejected * reward.rejected)
    )
  }

  /// The loss and its derivative with respect to the margin.
  private func lossAndSlope(_ margin: Double) -> (Double, Double) {
    let (ε, β) = (labelSmoothing, beta)
    switch kind {
    case .sigmoid, .dpoNorm, .simpo:
      let z = β * margin - (kind == .simpo ? targetMargin : 0)
      return (
        -(1 - ε) * logSigmoid(z) - ε * logSigmoid(-z),
        β * (-(1 - ε) * sigmoid(-z) + ε * sigmoid(z))
      )
    case .robust:
      let z = β * margin
      return (
        (-(1 - ε) * logSigmoid(z) + ε * logSigmoid(-z)) / (1 - 2 * ε),
        β * (-(1 - ε) * sigmoid(-z) - ε * sigmoid(z)) / (1 - 2 * ε)
      )
    case .hinge:
      let z = β * margin
      return z < 1 ? (1 - z, -β) : (0, 0)
    case .ipo:
      let distance = margin - 1 / (2 * β)
      return (distance * distance, 2 * distance)
    }
  }
}

/// 1 / (1 + e^−x).
func sigmoid(_ x: Double) -> Double { x >= 0 ? 1 / (1 + exp(-x)) : exp(x) / (1 + exp(x)) }

/// log σ(x) without overflow.
func logSigmoid(_ x: Double) -> Double { min(x, 0) - log1p(exp(-abs(x))) }
