import Foundation
import JSON
import Testing

@testable import Text

/// Every code point and pair, which `Scripts/fixtures/unicode_forms.py --all` writes.
private let everything = ProcessInfo.processInfo.environment["CARAVAN_UNICODE_FORMS"].map { URL(filePath: $0) }

@Suite struct UnicodeFormTests {
  @Test func normalizesAsTheReferenceDoes() throws {
    try compare(Fixtures.folder.appending(path: "unicode-forms.jsonl"))
  }

  @Test(.enabled(if: everything != nil, "set CARAVAN_UNICODE_FORMS"))
  func normalizesEverythingAsTheReferenceDoes() throws { try compare(#require(everything)) }

  /// U+11A7 is no part of a syllable, though it stands right before the trailing consonants.
  @Test func keepsArchaicHangul() {
    #expect(UnicodeForm.nfc.normalize(Array("\u{AC00}\u{11A7}".utf8)) == Array("\u{AC00}\u{11A7}".utf8))
    #expect(UnicodeForm.nfc.normalize(Array("\u{1100}\u{1161}\u{11A7}".utf8)) == Array("\u{AC00}\u{11A7}".utf8))
  }

  /// Marks in reverse order, which sorting one by one would take quadratic time for.
  @Test(.timeLimit(.minutes(1)))
  func ordersLongRunsOfMarks() {
    let count = 200_000
    let run = String(repeating: "\u{301}", count: count) + String(repeating: "\u{323}", count: count)
    let below = String(repeating: "\u{323}", count: count - 1)
    let above = String(repeating: "\u{301}", count: count)
    #expect(UnicodeForm.nfc.normalize(Array(("a" + run).utf8)) == Array(("\u{1EA1}" + below + above).utf8))
  }

  private func compare(_ file: URL) throws {
    let lines = try Data(contentsOf: file).split(separator: UInt8(ascii: "\n"))
    try #require(!lines.isEmpty)
    for line in lines {
      let texts = try #require(JSON(parsing: [UInt8](line)).array).map { Array(($0.string ?? "").utf8) }
      let forms = [UnicodeForm.nfc, .nfd, .nfkc, .nfkd].map { $0.normalize(texts[0]) }
      if forms != Array(texts.dropFirst()) { Issue.record("\(String(decoding: line, as: UTF8.self).prefix(300))") }
    }
  }
}
