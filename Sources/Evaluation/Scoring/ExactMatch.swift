import Rewards

/// Whether two texts are the same to Hugging Face's `exact_match`, as Tülu's evaluations ask it: in lower case, then without
/// ASCII punctuation. So `1.4` is `14`, and texts of punctuation alone are all the same.
public enum ExactMatch {
  /// Whether they are.
  public static func areEqual(_ prediction: String, _ target: String) -> Bool {
    PythonText.areEqual(normalized(prediction), normalized(target))
  }

  private static func normalized(_ text: String) -> String {
    PythonText.string(PythonText.lower(text).unicodeScalars.filter { !PythonText.punctuation.contains($0) })
  }
}
