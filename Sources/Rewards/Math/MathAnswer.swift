/// Results in answers to problems of mathematics.
package enum MathAnswer {
  /// What an answer may mean as its result, in the order of open-instruct's `MathVerifier`: what is in its last box,
  /// what it calls its final answer; without either what stands between its last two dollar signs; without these all of
  /// it.
  package static func candidates(in text: String) -> [String] {
    var found: [String] = []
    if let boxed = boxed(in: text) { found.append(boxed) }
    if let final = finalAnswer(in: text) { found.append(minervaNormalized(final)) }
    guard found.isEmpty else { return found }
    let pieces = PythonText.split(text, by: "$")
    if pieces.count > 2 { return [minervaNormalized(pieces[pieces.count - 2])] }
    return [minervaNormalized(text), text]
  }

  /// What is in the last `\boxed`; nil where there is none that is closed.
  package static func boxed(in text: String) -> String? {
    // A box without braces ends at the next dollar sign.
    if PythonText.contains(text, "\\boxed ") {
      return PythonText.split(PythonText.split(text, by: "\\boxed ").last ?? "", by: "$")[0]
    }
    let bytes = Array(text.utf8)
    let prefix = Array("\\boxed{".utf8)
    guard let start = PythonText.offsets(of: Array("\\boxed".utf8), in: bytes).last,
      bytes[start...].starts(with: prefix)
    else { return nil }
    var depth = 0
    for index in start..<bytes.count {
      if bytes[index] == UInt8(ascii: "{") { depth += 1 }
      guard bytes[index] == UInt8(ascii: "}") else { continue }
      depth -= 1
      if depth == 0 { return String(decoding: bytes[(start + prefix.count)..<index], as: UTF8.self) }
    }
    return nil
  }

  /// What follows "The final answer is", in the form that Minerva's prompts teach (Lewkowycz et al. 2022, arXiv
  /// 2206.14858); without the character, as a rule a period, before "I hope it is correct".
  private static func finalAnswer(in text: String) -> String? {
    let opening = Array("Final Answer: The final answer is".utf8)
    let closing = Array(" I hope it is correct".utf8)
    // The verifier looks for the closing words in a text that it has added them to, less the space.
    let bytes = Array(text.utf8) + Array("I hope it is correct.".utf8)
    for offset in PythonText.offsets(of: opening, in: bytes) {
      let line = Array(bytes[(offset + opening.count)...].prefix { $0 != UInt8(ascii: "\n") })
      // A character stands before the words, and one after them.
      let end = PythonText.offsets(of: closing, in: line).first { $0 > 0 && $0 + closing.count < line.count }
      guard let end else { continue }
      return PythonText.strip(String(String(decoding: line[..<end], as: UTF8.self).unicodeScalars.dropLast()))
    }
    return nil
  }
}
