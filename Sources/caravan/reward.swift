import ArgumentParser
import JSON
import ModelFiles
import Rewards
import Rollouts
import Text

/// The reward that people name: a rule, a program, a service, or a reward model's folder. What they should know of it is said.
/// - Parameter columns: those of the records whose answers are rewarded.
/// - Throws: errors of the name and of the folder.
func reward(named name: String, for columns: [JSON], _ compute: ComputeOptions) throws -> any Rewards.Reward {
  switch try RewardName(name) {
  case .reward(let reward):
    if let remark = try reward.remark(on: columns) { note("\(reward.name): \(remark)") }
    return reward
  case .model(let name): return try rewardModel(named: name, compute)
  }
}

/// The reward model that people name.
/// - Throws: errors of the folder.
func rewardModel(named name: String, _ compute: ComputeOptions) throws -> ModelReward {
  let folder = try ModelFolder.named(name)
  try folder.requireRewardModel()
  let format = try ChatFormat(model: name, template: nil, beginning: .auto)
  try compute.group.start()
  return try ModelReward(folder, format: format, dtype: compute.group.dtype)
}

/// Refuses a name that can be no reward's.
func checkReward(named name: String, option: String) throws {
  do { _ = try RewardName(name) } catch { throw ValidationError("\(option): \(error)") }
}

extension RewardOutcome {
  /// The number with the digits that a Float has, where it was one, as `caravan score` writes it.
  var written: Double? { value.map { Double(Float($0)) == $0 ? Double("\(Float($0))") ?? $0 : $0 } }

  /// Why there is no number; nil where there is one.
  var whyNot: String? {
    switch self {
    case .reward: nil
    case .failed(let reason): reason
    case .notMine: "the reward has nothing to say about such a record"
    }
  }
}
