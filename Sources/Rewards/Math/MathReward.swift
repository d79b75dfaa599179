/// Whether an answer's result is the right one, as in MATH (Hendrycks et al. 2021, arXiv 2103.03874): 1 or 0.
///
/// The steps are those of Tülu 3's verifier (open-instruct, `MathVerifier`): the results that the answer may mean are
/// taken out of it (``MathAnswer``), and each is compared with the right one after Hendrycks' normalization. The
/// verifier also asks a computer algebra system whether they are equal; this does not, so that `0.25` and `\frac{1}{4}`
/// differ. Records whose column `dataset` is `gsm8k` or `ifeval` are not this reward's.
public struct MathReward: AnswerReward {
  /// The name in metrics.
  public let name = "math"
  private let column: String

  /// A reward that compares with the result in `column`; of a solution that has one in a box it is that.
  public init(column: String = "ground_truth") { self.column = column }

  /// What an answer is worth.
  public func reward(for answer: RewardedAnswer) throws(RewardError) -> Double? {
    if answer.isFor(anotherThan: name) { return nil }
    let target = try answer.text(of: column)
    let result = MathAnswer.boxed(in: target) ?? target
    return MathAnswer.candidates(in: answer.text).contains { MathAnswer.areEquivalent($0, result) } ? 1 : 0
  }
}
