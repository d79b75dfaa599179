import Rewards
import Rollouts
import Wording

/// What answers are worth.
public struct AnswerRewardSettings: SettingGroup {
  /// The names of the rewards.
  public var reward: [String] = []
  /// What each counts in the sum; 1 without it.
  public var rewardWeights: [Double]?
  /// What becomes of an answer for which a reward fails.
  public var rewardFailure = WeightedRewards.FailurePolicy.leaveOut

  /// No reward yet.
  public init() {}

  /// The settings.
  public static let settings: [Setting<Self>] = [
    Setting("reward", \.reward, "What answers are worth: \(RewardName.forms).", valueName: "name"),
    Setting(
      "reward-weights", \.rewardWeights,
      "What each reward counts in the sum, with commas between them. Without it, 1 each.", valueName: "numbers"),
    Setting(
      "reward-failure", \.rewardFailure,
      """
      What becomes of an answer for which a reward fails: leave-out (it is learned from in no way), zero (that reward counts 0) or \
      stop (the run ends). Failures are counted.
      """),
  ]

  /// There must be a reward, and each must be one.
  public func checkTogether() throws {
    guard !reward.isEmpty else { throw SettingError("\(setting: "reward") is missing: say what answers are worth") }
    for name in reward {
      do { _ = try RewardName(name) } catch {
        throw SettingError("\(setting: "reward"): \(Wording(error.description))")
      }
    }
    guard let rewardWeights else { return }
    guard rewardWeights.count == reward.count else {
      throw SettingError(
        "\(setting: "reward-weights") has \(rewardWeights.count) of them for \(reward.count) of \(setting: "reward"); give each its own"
      )
    }
    guard rewardWeights.allSatisfy(\.isFinite) else {
      throw SettingError("\(setting: "reward-weights") must be finite numbers")
    }
  }

  /// The folders of reward models that it names.
  var models: [String] {
    reward.compactMap { name in
      guard case .model(let folder)? = try? RewardName(name) else { return nil }
      return folder
    }
  }
}

extension WeightedRewards.FailurePolicy: SettingValue {}
