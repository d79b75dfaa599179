import Training
import Wording

extension Sharding: SettingValue {}

/// How several processes that train together share their work; a process on its own asks none of it.
public struct RankSettings: SettingGroup {
  /// What each keeps of the training's state.
  public var shard = Sharding.none
  /// Seconds after which a rank that does not come has failed.
  public var collectiveTimeout = Self.defaultTimeout

  private static let defaultTimeout = 1800

  /// All of the state on each rank.
  public init() {}

  /// The same in all runs that are compared.
  public static var meaning: SettingMeaning { .common }

  /// The settings. A run may go on with other ones, and with other ranks.
  public static let settings: [Setting<Self>] = [
    Setting(
      "shard", \.shard,
      """
      What several ranks split of the training's state besides the work: with optimizer each keeps the optimizer's means of a \
      part of the weights only (ZeRO-1), and with all a part of every layer's weights, gradients and means (ZeRO-3).
      """, isDeciding: false, isRecorded: { $0.shard != .none }),
    Setting(
      "collective-timeout", \.collectiveTimeout,
      "Seconds that a rank waits for another before all end; ranks that hang would else hold up the others for ever.",
      valueName: "seconds", Rule("from 1 to 1000000") { (1...1_000_000).contains($0) }, isDeciding: false,
      isRecorded: { $0.collectiveTimeout != defaultTimeout }),
  ]
}
