import JSON

/// Words as NLTK's `word_tokenize` finds them, by the conventions of the Penn Treebank: punctuation stands alone, and
/// contractions are two words. A period at the end stays with its word, which does not change whether the word is in
/// capitals.
enum TreebankWords {
  /// A text's words and marks, in their order.
  static func words(of text: String) -> [String] {
    let scalars = Array(text.unicodeScalars)
    var spaced: [Unicode.Scalar] = []
    for (index, scalar) in scalars.enumerated() {
      let (before, after) = (index > 0 ? scalars[index - 1] : " ", index + 1 < scalars.count ? scalars[index + 1] : " ")
      let standsAlone =
        switch scalar {
        case ":", ",": !PythonText.isDigit(after)
        // Two or more are a dash or an ellipsis.
        case "-", ".": before == scalar || after == scalar
        case "'": after == "'" || before == "'"
        default: marks.contains(scalar)
        }
      spaced += standsAlone ? [" ", scalar, " "] : [scalar]
    }
    return PythonText.split(PythonText.string(spaced)).flatMap(contractions)
  }

  private static let marks = Set(";@#$%&?![](){}<>\"“”‘’«»„".unicodeScalars)

  private static func contractions(in word: String) -> [String] {
    let scalars = Array(word.unicodeScalars)
    let lowered = PythonText.lower(word)
    if let head = joined[TextKey(lowered)] {
      return [PythonText.string(scalars[..<head]), PythonText.string(scalars[head...])]
    }
    for ending in ["n't", "'ll", "'re", "'ve", "'s", "'m", "'d", "'"] {
      let head = scalars.count - ending.unicodeScalars.count
      // In capitals as a whole or not at all.
      guard head > 0, scalars[head - 1] != "'" else { continue }
      let found = PythonText.string(scalars[head...])
      if found == ending || found == ending.uppercased() { return [PythonText.string(scalars[..<head]), found] }
    }
    return [word]
  }

  /// Words that are two, and the length of the first.
  private static let joined: [TextKey: Int] = [
    "cannot": 3, "gimme": 3, "gonna": 3, "gotta": 3, "lemme": 3, "wanna": 3,
  ]
}
