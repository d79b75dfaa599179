import Foundation
import JSON
import Rewards

/// How a judge's reply becomes a preference in AlpacaEval, and in which order the judge sees two outputs.
public enum AlpacaEvalJudgement {
  /// Whether the judge sees the model's output before the baseline's: a coin that the instruction decides, as
  /// `alpaca_eval` draws it.
  public static func isSwitched(_ instruction: String) -> Bool {
    var random = PythonRandom(seed: "is_switched_outputs" + instruction + "0")
    return random.unit() >= 0.5
  }

  /// The preference that a ranking says, `[{'model': 'model_1', 'rank': 1}, …]` (AlpacaEval 1): 1 where model_1 is first, 2
  /// where it is second; nil for any other text.
  public static func preference(ranking text: String) -> Double? {
    // A list of Python, whose texts hold no quotes.
    let json = PythonText.replace(PythonText.strip(text), "'", with: "\"")
    let models = (try? JSON(parsing: json))?.array ?? []
    guard let rank = models.first(where: { $0["model"]?.string == "model_1" })?["rank"]?.int, 1...2 ~= rank else {
      return nil
    }
    return Double(rank)
  }

  /// The preference that the probabilities of the tokens `m`, the first output, and `M`, the second, say (AlpacaEval 2):
  /// 2 - p(m)/(p(m) + p(M)).
  /// - Parameter logProbabilities: of the most probable tokens; one that is not among them has half the probability of the
  ///   least.
  /// - Returns: nil where there are none.
  public static func preference(logProbabilities: TextKeyed<Double>) -> Double? {
    guard let least = logProbabilities.map(\.value).min() else { return nil }
    let (first, second) = (logProbabilities["m"] ?? least - log(2), logProbabilities["M"] ?? least - log(2))
    let highest = max(first, second)
    return 2 - exp(first - highest) / (exp(first - highest) + exp(second - highest))
  }

  /// A preference between the outputs in the other order; draws stay.
  public static func switched(_ preference: Double) -> Double { preference == 0 ? 0 : 3 - preference }
}
