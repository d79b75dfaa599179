import COniguruma
import Foundation

/// A regular expression of a tokenizer, matched by Oniguruma, which tokenizers uses too.
final class SplitExpression: @unchecked Sendable {
  /// The expression as tokenizer.json spells it.
  let pattern: String
  // An expression does not change once it is made, and each search has a state of its own.
  private let regex: OnigRegex

  /// An expression as tokenizer.json spells it.
  /// - Throws: `TokenizerProblem` for a text that is none, or for one whose time would grow out of proportion to the text.
  convenience init(_ pattern: String) throws(TokenizerProblem) {
    try self.init(exactly: ModernPattern(pattern).text, named: pattern)
    try requireSpeed(pattern)
  }

  /// The expression of this text, of which messages speak by another.
  init(exactly pattern: String, named name: String) throws(TokenizerProblem) {
    var made: OnigRegex?
    let text = Array(pattern.utf8)
    let code = text.withUnsafeBufferPointer { text in
      text.baseAddress.map { onig_new_utf8(&made, $0, $0 + text.count) } ?? 0
    }
    guard code == 0, let made else {
      throw TokenizerProblem("the pre-tokenizer splits by \(quotedToken(name)), which is no regular expression")
    }
    regex = made
    self.pattern = name
  }

  deinit { onig_free(regex) }

  /// Calls `body` with the parts of each piece of a text, in order: its matches and what lies between them. Matches may be empty,
  /// but not where the last ended. Each piece is a text of its own.
  func forEachPiece(_ pieces: [Range<Int>], of text: Span<UInt8>, _ body: ([SplitPart]) -> Void) {
    text.withUnsafeBufferPointer { text in
      // Pieces are many and short: what a search needs is made once for all.
      guard let start = text.baseAddress, let region = onig_region_new() else { return }
      defer { onig_region_free(region, 1) }
      var parts: [SplitPart] = []
      for piece in pieces {
        parts.removeAll(keepingCapacity: true)
        var end = piece.lowerBound
        forEachMatch(start + piece.lowerBound, piece.count, region) { match in
          let match = match.lowerBound + piece.lowerBound..<match.upperBound + piece.lowerBound
          if match.lowerBound > end { parts.append(SplitPart(range: end..<match.lowerBound, isMatch: false)) }
          parts.append(SplitPart(range: match, isMatch: true))
          end = match.upperBound
        }
        if end < piece.upperBound { parts.append(SplitPart(range: end..<piece.upperBound, isMatch: false)) }
        body(parts)
      }
    }
  }

  @inline(__always)
  private func forEachMatch(
    _ start: UnsafePointer<UInt8>, _ count: Int, _ region: UnsafeMutablePointer<OnigRegion>,
    _ body: (Range<Int>) -> Void
  ) {
    let end = start + count
    var (from, last): (Int, Int?) = (0, nil)
    while from <= count {
      let place = onig_search(regex, start, end, start + from, end, region, ONIG_OPTION_NONE)
      guard place >= 0 else { return }
      let match = Int(region.pointee.beg[0])..<Int(region.pointee.end[0])
      if match.isEmpty, match.lowerBound == last {
        let text = UnsafeBufferPointer(start: start, count: count)
        from += from < count ? text.span.scalar(at: from).end - from : 1
        continue
      }
      body(match)
      (from, last) = (match.upperBound, match.upperBound)
    }
  }

  /// Whether it matches a character.
  func matches(_ scalar: Unicode.Scalar) -> Bool {
    let text = Array(String(scalar).utf8)
    var isMatch = false
    forEachPiece([text.indices], of: text.span) { parts in isMatch = parts.count == 1 && parts[0].isMatch }
    return isMatch
  }
}

extension SplitExpression {
  /// Some kilobytes of one character may not take as long as megabytes do. Expressions whose time grows with the square of the
  /// text, or faster, are found by that, if not all that somebody may think up.
  private func requireSpeed(_ pattern: String) throws(TokenizerProblem) {
    let usual = ["a", "A", "1", " ", "\n", "'", ".", "é", "漢", "a ", "Aa", "1.", " \n"]
    let own = Set(pattern.unicodeScalars.filter { $0.isASCII && $0.properties.isAlphabetic }.map(String.init))
    for unit in usual + own.sorted() {
      let text = [UInt8](String(repeating: unit, count: 8192 / unit.utf8.count).utf8)
      // Something else may have slowed one attempt.
      let isFast = (0..<3).contains { _ in
        let start = Self.threadSeconds
        forEachPiece([text.indices], of: text.span) { _ in }
        return Self.threadSeconds - start < 0.04
      }
      guard isFast else {
        throw TokenizerProblem(
          "the pre-tokenizer's regular expression \(quotedToken(pattern)) takes time out of proportion to the text")
      }
    }
  }

  /// The time that this thread has computed.
  private static var threadSeconds: Double {
    var time = timespec()
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
    return Double(time.tv_sec) + 1e-9 * Double(time.tv_nsec)
  }
}
