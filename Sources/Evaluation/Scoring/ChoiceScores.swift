/// Which of several texts is the most probable, as lm-evaluation-harness scores it.
enum ChoiceScores {
  /// `acc` by the log-probabilities, `acc_norm` by these over the lengths in characters. Of equal ones the first counts.
  static let metrics = [Metric("acc"), Metric("acc_norm")]

  static func scores(_ answer: ModelAnswer, _ choices: [String], right: Int) -> ItemScores {
    let numbers = answer.logProbabilities
    let normalized = zip(numbers, choices).map { $0 / Double(max(1, $1.unicodeScalars.count)) }
    return [
      "acc,none": [place(of: numbers) == right ? 1 : 0], "acc_norm,none": [place(of: normalized) == right ? 1 : 0],
    ]
  }

  /// The place of the greatest number.
  static func place(of numbers: [Double]) -> Int? {
    let greatest = numbers.max()
    return numbers.firstIndex { $0 == greatest }
  }
}
