import Objectives
import Wording

/// What pairs are trained towards.
public struct PreferenceSettings: SettingGroup {
  /// The preference loss.
  public var loss = PreferenceLoss.sigmoid
  /// How strongly the model is held to the reference (β).
  public var beta = 0.1
  /// The share of labels taken to be wrong (ε).
  public var labelSmoothing = 0.0
  /// SimPO's target margin (γ).
  public var simpoGamma = 0.5
  /// The reference model; the model as it is before training without it.
  public var reference: String?

  /// DPO's own loss.
  public init() {}

  /// The settings.
  public static let settings: [Setting<Self>] = [
    Setting("loss", \.loss, "The preference loss; sigmoid is DPO's own."),
    Setting("beta", \.beta, "How strongly the model is held to the reference."),
    Setting(
      "label-smoothing", \.labelSmoothing,
      "The share of labels taken to be wrong: conservative DPO with sigmoid, unbiased with robust."),
    Setting(
      "simpo-gamma", \.simpoGamma, "The margin that simpo aims at.", isRecorded: { $0.loss == .simpo }),
    Setting(
      "reference", \.reference,
      "The reference model, named as \(setting: "model"). Without it, \(setting: "model") as it is before training.",
      valueName: "folder"),
  ]

  /// The loss has a say in what its parameters may be.
  public func checkTogether() throws {
    _ = try objective
    guard reference == nil || loss.comparesWithReference else {
      throw SettingError("\(setting: "reference") has no meaning for \(setting: "loss") \(loss.rawValue); leave it out")
    }
  }

  /// What they say, as an objective.
  public var objective: PreferenceObjective {
    get throws {
      var parameters = LossParameters()
      parameters.beta = beta
      parameters.labelSmoothing = labelSmoothing
      parameters.simpoGamma = simpoGamma
      return try PreferenceObjective(loss, parameters)
    }
  }
}
