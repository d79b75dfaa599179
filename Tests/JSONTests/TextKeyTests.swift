import JSON
import Testing

@Suite struct TextKeyTests {
  /// Two spellings of é: Swift holds them equal.
  let composed = "\u{E9}"
  let decomposed = "e\u{301}"

  @Test func keysThatDifferInTheirBytesAreTwo() throws {
    let json = try JSON(parsing: #"{"\u00e9": 1, "e\u0301": 2}"#)
    #expect(json.object?.count == 2)
    #expect(json[composed] == 1)
    #expect(json[decomposed] == 2)
    #expect(JSON.string(composed) != JSON.string(decomposed))
    #expect(Set<TextKey>(texts: [composed, decomposed, composed]).count == 2)
  }

  @Test func textsAreComparedByTheirBytes() {
    let (a, b) = (composed, decomposed)
    #expect((a == b) == false)
    #expect((a[...] == b) == false)
    let optional: String? = a
    #expect((optional == b) == false && (optional == "e\u{301}") == false && optional == "\u{E9}")
    #expect(![a].contains(b))
    #expect(!b.hasPrefix("e\u{300}"))
    #expect("ab".hasPrefix("a") && "ab".hasSuffix("b") && !"ab".hasSuffix("ab "))
    switch b {
    case "\u{E9}": Issue.record("a pattern matched other bytes")
    default: break
    }
  }

  @Test(.timeLimit(.minutes(1))) func longRunsOfCombiningMarksAreKeysLikeOthers() throws {
    let key = "a" + String(repeating: "\u{301}\u{316}", count: 200_000)
    let json = try JSON(parsing: "{\"\(key)\": 1, \"\(key)x\": 2, \"role\": 3}")
    #expect(json[key] == 1)
    #expect(json[key + "y"] == nil)
    #expect(json == json && JSON.string(key) != JSON.string(String(key.unicodeScalars.reversed().map(Character.init))))
  }
}
