import Objectives

/// What conversations are trained towards.
public struct SupervisedSettings: SettingGroup {
  /// A loss of single tokens.
  public enum Loss: String, Sendable, CaseIterable, SettingValue {
    /// The negative log-likelihood: SFT's own.
    case nll
    /// Dynamic fine-tuning's.
    case dft
  }

  /// The loss.
  public var loss = Loss.nll

  /// The negative log-likelihood.
  public init() {}

  /// The settings.
  public static let settings: [Setting<Self>] = [
    Setting(
      "loss", \.loss,
      """
      The loss of a token: nll is its negative log-likelihood; dft (dynamic fine-tuning) lets each token count as much as the \
      model finds it likely.
      """, isRecorded: { $0.loss != .nll })
  ]

  /// The objective with this loss.
  public var objective: any Objective {
    switch loss {
    case .nll: SupervisedObjective()
    case .dft: DynamicSupervisedObjective()
    }
  }
}
