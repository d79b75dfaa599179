import Text

extension PythonText {
  /// The last number of an answer, without the commas between its digits; the whole text where it has none.
  ///
  /// That is what Tülu's verifier and its evaluation of GSM8K read (open-instruct, `eval/gsm/run_eval.py`): after the
  /// digits on both sides of a comma are joined, the last match of `[-+]?\d*\.\d+|\d+`. A sign counts only before a
  /// number with a point.
  static func lastNumber(_ text: String) -> String {
    let scalars = joiningDigits(text)
    var last: Range<Int>?
    var start = 0
    while start < scalars.count {
      guard let end = numberEnd(scalars, from: start) else {
        start += 1
        continue
      }
      last = start..<end
      start = end
    }
    return string(last.map { scalars[$0] } ?? scalars[...])
  }

  /// Takes out the commas between digits. Of `1,2,3` only the first goes, since each digit is looked at once.
  private static func joiningDigits(_ text: String) -> [Unicode.Scalar] {
    let scalars = Array(text.unicodeScalars)
    var joined: [Unicode.Scalar] = []
    var index = 0
    while index < scalars.count {
      joined.append(scalars[index])
      if index + 2 < scalars.count, isDigit(scalars[index]), scalars[index + 1] == ",", isDigit(scalars[index + 2]) {
        joined.append(scalars[index + 2])
        index += 2
      }
      index += 1
    }
    return joined
  }

  private static func numberEnd(_ scalars: [Unicode.Scalar], from start: Int) -> Int? {
    func digits(_ index: Int) -> Int { scalars[index...].firstIndex { !isDigit($0) } ?? scalars.count }
    let isSigned = scalars[start] == "-" || scalars[start] == "+"
    let whole = digits(isSigned ? start + 1 : start)
    if whole < scalars.count, scalars[whole] == "." {
      let fraction = digits(whole + 1)
      if fraction > whole + 1 { return fraction }
    }
    return !isSigned && whole > start ? whole : nil
  }
}
