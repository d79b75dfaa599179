/// Finds where sentences end in a text that is still coming: before white space that follows `.`, `!`, `?` or `…`, with closing
/// quotes and brackets between them; before the end of a line; and after the full stops of Chinese and Japanese.
struct SentenceEnds {
  /// Where a sentence ends, seen from a character.
  enum Place { case before, after }

  private enum State { case blank, text, ended }
  private var state = State.blank

  /// Takes the next character; returns where a sentence ends, if one does.
  mutating func take(_ scalar: Unicode.Scalar) -> Place? {
    if scalar.properties.isWhitespace {
      guard state == .ended || state == .text && Self.lineEnds.contains(scalar) else { return nil }
      state = .blank
      return .before
    }
    if Self.wideStops.contains(scalar) {
      state = .blank
      return .after
    }
    if Self.stops.contains(scalar) {
      state = .ended
    } else if state != .ended || !Self.closers.contains(scalar) {
      state = .text
    }
    return nil
  }

  private static let stops: Set<Unicode.Scalar> = [".", "!", "?", "…"]
  private static let wideStops: Set<Unicode.Scalar> = ["。", "．", "！", "？", "｡"]
  private static let closers: Set<Unicode.Scalar> = ["\"", "'", ")", "]", "}", "*", "_", "`", "”", "’", "»", "›"]
  private static let lineEnds: Set<Unicode.Scalar> = ["\n", "\r", "\u{0B}", "\u{0C}", "\u{85}", "\u{2028}", "\u{2029}"]
}
