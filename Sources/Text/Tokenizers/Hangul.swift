/// The syllables of modern Korean, which consist of a leading consonant, a vowel and perhaps a trailing consonant.
///
/// Not left to utf8proc, in some versions of which U+11A7, the code point before the first trailing consonant, vanishes.
enum Hangul {
  /// What syllables consist of, and the code points between.
  static let parts: ClosedRange<Unicode.Scalar> = "\u{1100}"..."\u{11FF}"

  private static let firstLeading: UInt32 = 0x1100
  private static let firstVowel: UInt32 = 0x1161
  private static let beforeTrailing: UInt32 = 0x11A7
  private static let firstSyllable: UInt32 = 0xAC00
  private static let leadings: UInt32 = 19
  private static let vowels: UInt32 = 21
  /// With the case that there is none.
  private static let trailings: UInt32 = 28

  /// The syllable of a leading consonant and a vowel, or of a syllable without trailing consonant and such a one.
  static func syllable(_ first: Unicode.Scalar, _ second: Unicode.Scalar) -> Unicode.Scalar? {
    let leading = first.value &- firstLeading
    let vowel = second.value &- firstVowel
    if leading < leadings, vowel < vowels {
      return Unicode.Scalar(firstSyllable + (leading * vowels + vowel) * trailings)
    }
    let open = first.value &- firstSyllable
    let trailing = second.value &- beforeTrailing
    guard open < leadings * vowels * trailings, open % trailings == 0, trailing > 0, trailing < trailings else {
      return nil
    }
    return Unicode.Scalar(first.value + trailing)
  }
}
