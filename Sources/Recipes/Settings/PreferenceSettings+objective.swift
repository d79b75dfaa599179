import Objectives
import Training
import Wording

extension PreferenceSettings {
  /// The losses have a say in what the others may be.
  public func checkTogether() throws {
    let objective = try objective
    guard referenceSyncSteps != nil || referenceSyncAlpha == Self().referenceSyncAlpha else {
      throw SettingError(
        "\(setting: "reference-sync-alpha") has no meaning without \(setting: "reference-sync-steps"); leave it out")
    }
    guard reference != nil, !objective.comparesWithReference else { return }
    guard !referenceFree else {
      throw SettingError("give \(setting: "reference") or \(setting: "reference-free"), not both")
    }
    throw SettingError(
      "\(setting: "reference") has no meaning for \(setting: "loss") "
        + "\(loss.map(\.rawValue).joined(separator: ",")); leave it out")
  }

  /// What they say, as an objective.
  public var objective: PreferenceObjective {
    get throws { try PreferenceObjective(loss, weights: lossWeights, parameters, comparison, isWeighted: wpo) }
  }

  /// How the reference follows the model; nil where it stays as it is.
  public var movement: MovingReference.Settings? {
    referenceSyncSteps.map { MovingReference.Settings(steps: $0, alpha: referenceSyncAlpha) }
  }

  private var parameters: LossParameters {
    get throws {
      var parameters = LossParameters()
      parameters.beta = beta
      parameters.labelSmoothing = labelSmoothing
      parameters.ipoSums = ipoSums
      parameters.alphapoAlpha = alphapoAlpha
      parameters.cpoAlpha = cpoAlpha
      parameters.orpoPromptLoss = orpoPromptLoss
      parameters.simpoGamma = simpoGamma
      guard let simpoGammaRatio else { return parameters }
      guard takes("simpo-gamma") else {
        throw SettingError(
          "\(setting: "simpo-gamma-ratio") has no meaning for \(setting: "loss") "
            + "\(loss.map(\.rawValue).joined(separator: ",")); leave it out")
      }
      guard simpoGamma == LossParameters().simpoGamma else {
        throw SettingError("give \(setting: "simpo-gamma") or \(setting: "simpo-gamma-ratio"), not both")
      }
      parameters.simpoGamma = simpoGammaRatio * beta
      return parameters
    }
  }

  private var comparison: Comparison {
    var comparison = Comparison()
    comparison.isReferenceFree = referenceFree
    comparison.divergence = fDivergence
    comparison.alpha = fAlpha
    comparison.ldAlpha = ldAlpha
    comparison.isReferenceMoving = referenceSyncSteps != nil
    return comparison
  }
}
