/// The figures of rated answers, by the names that TRL gives them: a good answer counts as chosen, a bad one as rejected.
enum Rated {
  /// An answer's figures, and one more.
  static func metrics(
    _ isGood: Bool, _ reward: Double, logps: Double, _ other: (name: String, value: Double)
  ) -> KeyValuePairs<String, Double> {
    isGood
      ? ["rewards/chosen": reward, "logps/chosen": logps, other.name: other.value]
      : ["rewards/rejected": reward, "logps/rejected": logps, other.name: other.value]
  }

  /// The margin of the mean rewards; nothing where there are answers of one kind only.
  static func figures(from means: [String: Double]) -> [String: Double] {
    guard let chosen = means["rewards/chosen"], let rejected = means["rewards/rejected"] else { return [:] }
    return ["rewards/margins": chosen - rejected]
  }

  /// What the figures mean, for a card.
  static let meaning = """
    An answer's reward is β times the log of how much likelier it is to this model than to the reference. `rewards/chosen` is \
    the mean over good answers, `rewards/rejected` over bad ones; the margin is the one less the other.
    """
}

extension ScoredExample {
  /// The one number that a column has for the example's one sequence.
  func only(_ column: Column) -> Double {
    guard let value = self[column]?.first?.first else { preconditionFailure("the example has no \(column.name)") }
    return value
  }
}
