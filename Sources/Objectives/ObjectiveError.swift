import Wording

/// A parameter that an objective cannot have.
public struct ObjectiveError: Worded, Sendable, Equatable {
  /// One line: what is wrong, and what to do.
  public let wording: Wording

  init(_ wording: Wording) { self.wording = wording }

  /// Checks how strongly the policy is held to the reference (β).
  static func check(beta: Double) throws {
    guard beta > 0, beta.isFinite else {
      throw ObjectiveError("\(setting: "beta") must be greater than 0, not \(beta)")
    }
  }
}
