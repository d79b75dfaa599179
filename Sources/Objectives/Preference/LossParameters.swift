import Wording

/// A parameter of preference losses, by its setting's name.
enum LossParameter: String, CaseIterable {
  case beta
  case labelSmoothing = "label-smoothing"
  case simpoGamma = "simpo-gamma"
  case ipoSums = "ipo-sums"
  case alphapoAlpha = "alphapo-alpha"
  case cpoAlpha = "cpo-alpha"
  case orpoPromptLoss = "orpo-prompt-loss"
}

/// The numbers that preference losses depend on.
public struct LossParameters: Sendable, Equatable {
  /// How strongly the policy is held to the reference (β).
  public var beta = 0.1
  /// The share of labels taken to be wrong (ε).
  public var labelSmoothing = 0.0
  /// The target margin of SimPO and AlphaPO (γ), not multiplied by β.
  public var simpoGamma = 0.5
  /// The shape of AlphaPO's reward (α); with 0 it is SimPO's.
  public var alphapoAlpha = 0.25
  /// Whether IPO sums log-ratios, where TRL averages them over an answer's tokens.
  public var ipoSums = false
  /// How much the chosen answer's likelihood counts in CPO.
  public var cpoAlpha = 1.0
  /// Whether ORPO's likelihood is that of the prompt too; whoever sets it gives examples with the column `isAnswer`.
  public var orpoPromptLoss = false

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
      case .ipoSums: ipoSums != defaults.ipoSums
      case .alphapoAlpha: alphapoAlpha != defaults.alphapoAlpha
      case .cpoAlpha: cpoAlpha != defaults.cpoAlpha
      case .orpoPromptLoss: orpoPromptLoss
      }
    }
  }

  /// Checks that they can be, and have a meaning for one of the losses.
  /// - Throws: `ObjectiveError` naming the parameter.
  func check(for losses: [PreferenceLoss]) throws {
    try checkRanges()
    for parameter in given where !losses.contains(where: { $0.type.parameters.contains(parameter) }) {
      throw ObjectiveError(
        "\(setting: parameter.rawValue) has no meaning for \(setting: "loss") "
          + "\(losses.map(\.rawValue).joined(separator: ",")); leave it out")
    }
  }

  private func checkRanges() throws {
    try ObjectiveError.check(beta: beta)
    guard labelSmoothing >= 0, labelSmoothing < 0.5 else {
      throw ObjectiveError("\(setting: "label-smoothing") must be at least 0 and less than 0.5, not \(labelSmoothing)")
    }
    guard simpoGamma >= 0, simpoGamma.isFinite else {
      throw ObjectiveError("\(setting: "simpo-gamma") must be at least 0, not \(simpoGamma)")
    }
    guard alphapoAlpha.isFinite else {
      throw ObjectiveError("\(setting: "alphapo-alpha") must be a number, not \(alphapoAlpha)")
    }
    guard cpoAlpha >= 0, cpoAlpha.isFinite else {
      throw ObjectiveError("\(setting: "cpo-alpha") must be at least 0, not \(cpoAlpha)")
    }
  }
}
