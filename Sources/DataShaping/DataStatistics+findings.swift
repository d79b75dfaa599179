import Foundation

extension DataStatistics {
  /// Something worth knowing, for people: a name, the number that counts, and a sentence.
  package struct Finding: Sendable {
    /// What it is about: `duplicates`.
    package let name: String
    /// The number: `1.2%`.
    package let value: String
    /// The sentence.
    package let text: String
  }

  /// What was found, the most important first.
  package var findings: [Finding] {
    var findings: [Finding] = []
    if pairs > 0 {
      let shorter = pairs - chosenLonger - equallyLong
      findings.append(
        Finding(
          name: "chosen is longer", value: Self.share(chosenLonger, of: pairs),
          text: "chosen is longer in \(Self.share(chosenLonger, of: pairs)) of the pairs, as long in "
            + "\(Self.share(equallyLong, of: pairs)), shorter in \(Self.share(shorter, of: pairs)); "
            + "\(Self.text(of: difference.mean)) \(unit) longer on average"))
      findings.append(
        Finding(
          name: "same answers", value: Self.share(sameAnswers, of: pairs),
          text: "\(sameAnswers) pairs have two answers that are the same"))
    }
    if ratings > 0 {
      findings.append(
        Finding(
          name: "good answers", value: Self.share(good, of: ratings),
          text: "\(good) of \(ratings) rated answers are good, \(bad) are bad"))
    }
    if weighted > 0 {
      findings.append(
        Finding(
          name: "weights", value: Self.share(weighted, of: conversations),
          text: "\(weighted) of \(conversations) conversations have a weight other than 1, or a message with one"))
    }
    if let maximumLength {
      findings.append(
        Finding(
          name: "truncated", value: Self.share(truncated, of: records),
          text: "\(truncated) records are longer than \(maximumLength) \(unit); training would cut "
            + "\(Self.share(excess, of: totalLength)) of all \(unit)"))
    }
    findings.append(
      Finding(
        name: "duplicates", value: Self.share(duplicates, of: records),
        text: "\(duplicates) records say the same as an earlier one"))
    findings.append(
      Finding(
        name: "shared prompts", value: Self.share(recordsWithSharedPrompt, of: records),
        text: "\(recordsWithSharedPrompt) records share their prompt with another; there are \(prompts) prompts, "
          + "\(sharedPrompts) of them in several records"))
    return findings
  }

  /// A share in percent: `12.3%`; what is not nothing is not shown as nothing.
  static func share(_ part: Int, of whole: Int) -> String {
    guard whole > 0, part != 0 else { return "0%" }
    let percent = 100 * Double(part) / Double(whole)
    return percent < 0.1 ? "<0.1%" : percent == 100 ? "100%" : String(format: "%.1f%%", min(percent, 99.9))
  }

  /// A number with a digit behind the point, where it is small.
  static func text(of number: Double) -> String {
    String(format: abs(number) < 100 ? "%.1f" : "%.0f", number)
  }
}
