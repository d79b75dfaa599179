import Foundation
import JSON
import TestSupport
import Testing

@testable import Rewards

/// Languages as langdetect 1.0.9 tells them, by its own files, which `make langdetect` fetches.
@Suite struct LanguageDetectorTests {
  private static let package = try? LangdetectPackage()

  /// A text, or pieces and how often they come.
  private static func text(_ value: JSON) -> String {
    if let text = value.string { return text }
    return (value.array ?? []).reduce(into: "") { text, piece in
      text += String(repeating: piece.array?[0].string ?? "", count: piece.array?[1].int ?? 0)
    }
  }

  /// Sentences in all its languages, titles, capitals, mixed scripts, addresses and what else there is; langdetect's seed is 0.
  @Test(.enabled(if: package != nil)) func languagesAreLangdetects() throws {
    let detector = try #require(try LanguageDetector.shared.get())
    // `CARAVAN_LANGUAGE_CASES` names a file of more.
    let file = ProcessInfo.processInfo.environment["CARAVAN_LANGUAGE_CASES"].map { URL(filePath: $0) }
    let cases =
      try JSON(file: file ?? Checkout.fixtures(of: "RewardsTests").appending(path: "languages.json")).array ?? []
    #expect(cases.count >= 300)
    #expect(Set(detector.languages).count == 55)
    for row in cases {
      let text = Self.text(row.array?[0] ?? .null)
      #expect(detector.code(of: text) == row.array?[1].string, "\(text.prefix(100))")
      let probability = detector.probabilities(of: text)?.max() ?? 0
      #expect(abs(probability - (row.array?[2].double ?? -1)) < 1e-12, "\(text.prefix(100))")
    }
  }

  private static let responses = Checkout.shared("gold/ifeval/responses_verdicts.jsonl")

  /// Of the responses that are to be in a language, the guess takes two for others than langdetect does.
  @Test(.enabled(if: package != nil && FileManager.default.fileExists(atPath: responses.path)))
  func guessesDifferByTwo() throws {
    let detector = try #require(try LanguageDetector.shared.get())
    var different: Set<Int> = []
    for line in try String(contentsOf: Self.responses, encoding: .utf8).split(separator: "\n") {
      let record = try JSON(parsing: String(line))
      let response = try #require(record["response"]?.string)
      for instruction in try IFEvalReward.instructions(of: record) where instruction.asksForLanguage {
        var language = "en"
        if case .language(let code) = instruction.kind { language = code }
        let code = detector.code(of: response)
        guard (code == nil || code == language) != LanguageGuess(response).isFollowed(language) else { continue }
        different.insert(record["key"]?.int ?? 0)
      }
    }
    #expect(different == [3572, 3617])
  }

  @Test func addressesAreCutAsTheirExpressionsDo() {
    func cut(_ text: String) -> String {
      let scalars = Array(text.unicodeScalars)
      return PythonText.string(LanguageDetector.withoutMailAddresses(LanguageDetector.withoutWebAddresses(scalars)))
    }
    #expect(cut("see http://a.b/c?d=e, or https://") == "see  , or https://")
    #expect(cut("a@bc, d@e and f@g.h@i.j") == " , d@e and  @i.j")
    #expect(cut("@a@@b@.c@d_") == "@a@@b@ ")
    let long = String(repeating: "x", count: 300)
    #expect(
      cut("\(long)@\(long)\(long)") == "\(String(repeating: "x", count: 236)) \(String(repeating: "x", count: 90))")
    #expect(cut("http://" + String(repeating: "x", count: 2080)) == " xxxx")
  }

  @Test(.enabled(if: package != nil)) func longTextsTakeNoTime() throws {
    let detector = try #require(try LanguageDetector.shared.get())
    let texts = ["a", "a@", "@", "http://", "ä\u{301}", "中", "THE ", " "].map {
      String(repeating: $0, count: 100_000)
    }
    let start = ContinuousClock.now
    for text in texts { _ = detector.code(of: text) }
    #expect(ContinuousClock.now - start < .seconds(30))
  }

  @Test func missingFoldersAreSaid() throws {
    let folder = try TemporaryFolder()
    #expect(
      throws: RewardError(
        "CARAVAN_LANGDETECT is \(folder.path), but there are no profiles of langdetect in it; unset it or correct it")
    ) { try LangdetectPackage(["CARAVAN_LANGDETECT": folder.path]) }
    try folder.write("langdetect/profiles/en", "{}")
    let package = try #require(try LangdetectPackage(["CARAVAN_LANGDETECT": folder.path]))
    #expect(
      throws: RewardError(
        "\(folder.path)/langdetect/profiles has 1 of langdetect's 55 profiles; fetch langdetect 1.0.9 again")
    ) { try package.profiles() }
  }

  @Test(arguments: [
    ("", "it is missing, empty, or no file of this kind"),
    (#"{"freq": {"a": 1}, "n_wo"#, "line 1, column 25: the text ends inside a string"),
    ("[1]", "line 1, column 1: an object was expected"),
    (#"{"freq": {"a": 1}, "name": "en"}"#, "it needs its own 'name', and three whole numbers above 0 in 'n_words'"),
    (
      #"{"freq": {"a": 1}, "n_words": [1, 0, 1], "name": "en"}"#,
      "it needs its own 'name', and three whole numbers above 0 in 'n_words'"
    ),
    (
      #"{"freq": {"a": 1}, "n_words": [1, 1, 1], "name": "de"}"#,
      "it needs its own 'name', and three whole numbers above 0 in 'n_words'"
    ),
    (#"{"freq": {"a": 1e400}, "n_words": [5, 5, 5], "name": "en"}"#, counts),
    (#"{"freq": {"a": 99999999999999999999}, "n_words": [5, 5, 5], "name": "en"}"#, counts),
    (#"{"freq": {"a": -1}, "n_words": [5, 5, 5], "name": "en"}"#, counts),
    (#"{"freq": {"abcd": 1}, "n_words": [5, 5, 5], "name": "en"}"#, counts),
    (#"{"freq": {"": 1}, "n_words": [5, 5, 5], "name": "en"}"#, counts),
  ])
  func damagedProfilesAreSaid(contents: String, reason: String) throws {
    try expectDamaged("en", contents, reason) { _ = try LanguageProfile($0) }
  }

  private static let counts =
    "'freq' has something else than counts of one to three characters, each at most what 'n_words' says"

  @Test(arguments: [
    ("NGram.LATIN1_EXCLUDE", "a line is not a name and characters"),
    (#"NGram.LATIN1_EXCLUDE=\ud800"#, "a line is not a name and characters"),
    (#"NGram.LATIN1_EXCLUDE=\u00A0"#, "it has no classes of characters"),
    ("NGram.KANJI_1_0=ab", "it has no NGram.LATIN1_EXCLUDE"),
    (
      "NGram.KANJI_1_0=ab\nNGram.LATIN1_EXCLUDE=a\nTO_NORMALIZE_VI_CHARS=AE\nDMARK_CLASS=\\u0300\n"
        + "NORMALIZED_VI_CHARS_0300=A",
      "NORMALIZED_VI_CHARS_0300 has 1 characters for 2"
    ),
  ])
  func damagedTablesAreSaid(contents: String, reason: String) throws {
    try expectDamaged("messages.properties", contents, reason) { _ = try CharacterClasses($0) }
  }

  private func expectDamaged(
    _ name: String, _ contents: String, _ reason: String, _ location: SourceLocation = #_sourceLocation,
    _ read: (URL) throws -> Void
  ) throws {
    let folder = try TemporaryFolder()
    defer { withExtendedLifetime(folder) {} }
    let file = try folder.write(name, contents)
    let damage = RewardError("\(file.path) is not langdetect's: \(reason); fetch langdetect 1.0.9 again")
    #expect(throws: damage, sourceLocation: location) { try read(file) }
  }
}
