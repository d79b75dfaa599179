/// The visible stand-in for a space in SentencePiece vocabularies.
enum Metaspace {
  /// `▁`, U+2581.
  static let character = "\u{2581}"
  /// Its UTF-8.
  static let bytes: [UInt8] = [0xE2, 0x96, 0x81]

  /// Whether `▁` begins at the byte `index`.
  @inline(__always)
  static func isAt(_ index: Int, in text: Span<UInt8>) -> Bool {
    text[index] == 0xE2 && index + 2 < text.count && text[index + 1] == 0x96 && text[index + 2] == 0x81
  }
}
