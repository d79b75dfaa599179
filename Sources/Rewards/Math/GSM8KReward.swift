/// Whether the last number of an answer is the right one, as in GSM8K (Cobbe et al. 2021, arXiv 2110.14168): 1 or 0.
///
/// Records whose column `dataset` is `math` or `ifeval` are not this reward's.
public struct GSM8KReward: AnswerReward {
  /// How two numbers are compared.
  public enum Comparison: Sendable {
    /// As the verifier of Tülu 3's RLVR does (Lambert et al. 2024, arXiv 2411.15124; open-instruct, `GSM8KVerifier`):
    /// the texts are equal but for their case. `18.00` is not `18`, and `-1.5` is not `1.5`.
    case verifier
    /// As Tülu's evaluation does (`exact_match` of Hugging Face's `evaluate`): without punctuation, so that `1.4` is
    /// `14`.
    case evaluation
  }

  /// The name in metrics.
  public let name = "gsm8k"
  private let comparison: Comparison
  private let column: String

  /// A reward that compares with the number in `column`; of a solution of the data set that is what follows `####`.
  public init(_ comparison: Comparison = .verifier, column: String = "ground_truth") {
    (self.comparison, self.column) = (comparison, column)
  }

  /// What an answer is worth.
  public func reward(for answer: RewardedAnswer) throws(RewardError) -> Double? {
    if answer.isFor(anotherThan: name) { return nil }
    let target = Self.target(in: try answer.text(of: column))
    return isRight(Self.prediction(of: answer.text), target) ? 1 : 0
  }

  /// The number that an answer ends on.
  package static func prediction(of text: String) -> String { PythonText.lastNumber(text) }

  /// The number of a solution.
  package static func target(in solution: String) -> String {
    let parts = PythonText.split(solution, by: "####")
    guard parts.count > 1 else { return solution }
    return PythonText.replace(PythonText.strip(parts[parts.count - 1]), ",")
  }

  /// Whether a prediction is the target.
  package func isRight(_ prediction: String, _ target: String) -> Bool {
    PythonText.areEqual(normalized(prediction), normalized(target))
  }

  private func normalized(_ text: String) -> String {
    let text = PythonText.lower(text)
    guard comparison == .evaluation else { return text }
    return PythonText.string(text.unicodeScalars.filter { !PythonText.punctuation.contains($0) })
  }
}
