import Foundation

/// A regular expression, as ICU and so `NSRegularExpression` writes them, that gives up where it takes too long:
/// patterns such as `(a+)+$` need time that doubles with each character.
///
/// Only `\n` ends a line, as in Python's `re`.
package struct BoundedPattern: @unchecked Sendable {
  // NSRegularExpression does not change, and may be used from all threads.
  private let expression: NSRegularExpression
  private let limit: Duration

  /// - Parameter limit: how long one text may take.
  /// - Throws: `RewardError` for a text that is no regular expression.
  package init(
    _ pattern: String, ignoringCase: Bool = false, linewise: Bool = false, dotAll: Bool = false,
    within limit: Duration = .seconds(1)
  )
    throws(RewardError)
  {
    var options: NSRegularExpression.Options = [.useUnixLineSeparators]
    if ignoringCase { options.insert(.caseInsensitive) }
    if linewise { options.insert(.anchorsMatchLines) }
    if dotAll { options.insert(.dotMatchesLineSeparators) }
    guard let expression = try? NSRegularExpression(pattern: pattern, options: options) else {
      throw RewardError("'\(pattern)' is not a regular expression; mind brackets and backslashes")
    }
    (self.expression, self.limit) = (expression, limit)
  }

  /// Whether it matches somewhere.
  package func matches(_ text: String) throws(RewardError) -> Bool { try !matches(in: text, atMost: 1).isEmpty }

  /// The texts that it matches one after the other.
  package func all(in text: String) throws(RewardError) -> [String] {
    let string = text as NSString
    return try matches(in: text).map { string.substring(with: $0) }
  }

  /// How often it matches.
  package func count(in text: String) throws(RewardError) -> Int { try matches(in: text).count }

  /// What lies between the matches.
  package func split(_ text: String) throws(RewardError) -> [String] {
    let string = text as NSString
    var (pieces, start) = ([String](), 0)
    for match in try matches(in: text) {
      pieces.append(string.substring(with: NSRange(location: start, length: match.location - start)))
      start = match.location + match.length
    }
    return pieces + [string.substring(from: start)]
  }

  private func matches(in text: String, atMost most: Int = .max) throws(RewardError) -> [NSRange] {
    let end = ContinuousClock.now + limit
    var found: [NSRange] = []
    var problem: String?
    expression.enumerateMatches(
      in: text, options: [.reportProgress], range: NSRange(location: 0, length: text.utf16.count)
    ) { match, flags, stop in
      if let match { found.append(match.range) }
      if flags.contains(.internalError) { problem = "needs too much memory" }
      // Asked for between matches too: there may be millions.
      if ContinuousClock.now > end { problem = "takes longer than \(limit)" }
      if found.count >= most || problem != nil { stop.pointee = true }
    }
    guard let problem, found.count < most else { return found }
    throw RewardError(
      "the regular expression '\(expression.pattern)' \(problem) on this answer; write it with fewer repetitions")
  }
}
