import Wording

extension PreferenceObjective {
  /// Checks that losses and weights fit together.
  static func check(_ losses: [PreferenceLoss], _ weights: [Double]) throws {
    guard !losses.isEmpty else { throw ObjectiveError("\(setting: "loss") names none") }
    if let twice = losses.indices.first(where: { losses[..<$0].contains(losses[$0]) }) {
      throw ObjectiveError("\(setting: "loss") has \(losses[twice].rawValue) twice; name it once, with its weight")
    }
    guard weights.count == losses.count else {
      throw ObjectiveError(
        "\(setting: "loss-weights") has \(weights.count) of them for \(losses.count) of \(setting: "loss"); "
          + "give each its own")
    }
    if let weight = weights.first(where: { !($0 > 0 && $0.isFinite) }) {
      throw ObjectiveError("\(setting: "loss-weights") must be greater than 0, not \(weight)")
    }
  }

  /// Checks that what holds for all losses can hold for each.
  func checkTerms() throws {
    // TRL multiplies the batch's likelihood by the mean of the weights, and refuses sorted batches.
    if isWeighted, let term = terms.first(where: { $0.loss.likelihood > 0 || $0.kind.type.shifts != nil }) {
      throw ObjectiveError(
        "\(setting: "wpo") has no meaning for \(setting: "loss") \(term.kind.rawValue), which is not made of single pairs; "
          + "leave it out")
    }
    if parameters.orpoPromptLoss, let term = terms.first(where: { $0.loss.likelihood > 0 && $0.kind != .orpo }) {
      throw ObjectiveError(
        "\(setting: "orpo-prompt-loss") cannot be beside \(setting: "loss") \(term.kind.rawValue), whose likelihood is the "
          + "answer's alone")
    }
  }
}
