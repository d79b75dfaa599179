import Wording

/// A parameter of preference losses, by its setting's name.
enum LossParameter: String, CaseIterable {
  case beta
  case labelSmoothing = "label-smoothing"
  case simpoGamma = "simpo-gamma"
}

/// The numbers that preference losses depend on.
public struct LossParameters: Sendable, Equatable {
  /// How strongly the policy is held to the reference (β).
  public var beta = 0.1
  /// The share of labels taken to be wrong (ε).
  public var labelSmoothing = 0.0
  /// SimPO's target margin (γ), not multiplied by β.
  public var simpoGamma = 0.5

  /// The defaults.
  public init() {}

  /// The parameters that are not as by default.
  var given: [LossParameter] {
    let defaults = LossParameters()
    return LossParameter.allCases.filter {
      switch $0 {
      case .beta: beta != defaults.beta
      case .labelSmoothing: labelSmoothing != defaults.labelSmoothing
      case .simpoGamma: simpoGamma != defaults.simpoGamma
      }
    }
  }

  /// Checks what holds whatever the loss.
  /// - Throws: `ObjectiveError` naming the parameter.
  func check() throws {
    guard beta > 0, beta.isFinite else {
      throw ObjectiveError("\(setting: "beta") must be greater than 0, not \(beta)")
    }
    guard labelSmoothing >= 0, labelSmoothing < 0.5 else {
      throw ObjectiveError("\(setting: "label-smoothing") must be at least 0 and less than 0.5, not \(labelSmoothing)")
    }
    guard simpoGamma >= 0, simpoGamma.isFinite else {
      throw ObjectiveError("\(setting: "simpo-gamma") must be at least 0, not \(simpoGamma)")
    }
  }
}
