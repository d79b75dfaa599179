import Objectives
import Wording

/// What rated answers are trained towards by BCO.
public struct BCOSettings: SettingGroup {
  /// How strongly the model is held to the reference (β).
  public var beta = 0.1
  /// The reference model; the model as it is before training without it.
  public var reference: String?

  /// BCO's loss.
  public init() {}

  /// The settings.
  public static let settings: [Setting<Self>] = [
    Setting("beta", \.beta, "How strongly the model is held to the reference."),
    Setting(
      "reference", \.reference,
      "The reference model, given as for \(setting: "model"). By default \(setting: "model") as it is before training.",
      valueName: "folder"),
  ]

  /// The loss has a say in what its parameter may be.
  public func checkTogether() throws { _ = try bcoLoss }

  /// The loss with its parameter.
  public var bcoLoss: BCOLoss { get throws { try BCOLoss(beta: beta) } }
}
