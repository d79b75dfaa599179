import Rewards

/// How lm-evaluation-harness reads the number in an answer to a question of GSM8K.
enum HarnessAnswer {
  /// What stands for an answer in which nothing is found.
  static let invalid = "[invalid]"

  /// The number behind `####`, as solutions of the data have it: `strict-match`.
  static func strict(_ text: String) -> String {
    for start in PythonText.split(text, by: "#### ").dropFirst() {
      let digits = PythonText.string(start.unicodeScalars.prefix { "0123456789.,-".unicodeScalars.contains($0) })
      // A sign stands first or not at all.
      let unsigned = PythonText.removingPrefix(digits, "-").unicodeScalars.prefix { $0 != "-" }
      guard !unsigned.isEmpty else { continue }
      return (PythonText.hasPrefix(digits, "-") ? "-" : "") + PythonText.string(unsigned)
    }
    return invalid
  }

  /// The last match of `(-?[$0-9.,]{2,})|(-?[0-9]+)`: `flexible-extract`.
  static func flexible(_ text: String) -> String {
    let scalars = Array(text.unicodeScalars)
    var (found, start) = (String?.none, 0)
    while start < scalars.count {
      let isSigned = scalars[start] == "-"
      let first = isSigned ? start + 1 : start
      let end = scalars[first...].firstIndex { !"$0123456789.,".unicodeScalars.contains($0) } ?? scalars.count
      if end - first >= 2 || end - first == 1 && ("0"..."9").contains(scalars[first]) {
        found = PythonText.string(scalars[start..<end])
        start = end
      } else {
        start += 1
      }
    }
    return found ?? invalid
  }

  /// The harness's `exact_match` for GSM8K: without commas, dollars, what stands before `#### `, and a last period.
  static func areEqual(_ prediction: String, _ target: String) -> Bool {
    PythonText.areEqual(normalized(prediction), normalized(target))
  }

  private static func normalized(_ text: String) -> String {
    let plain = PythonText.replace(PythonText.replace(text, ","), "$")
    let last = PythonText.split(plain, by: "#### ").last ?? plain
    return PythonText.lower(PythonText.removingSuffix(last, "."))
  }
}
