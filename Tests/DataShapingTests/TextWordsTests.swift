import DataShaping
import Testing

@Suite struct TextWordsTests {
  @Test(arguments: [
    ("Hello, world!", "hello world"), ("  a\n\tb\u{0}", "A b"), ("Straße, ÉTÉ", "straße été"), ("x-y", "x y"),
    ("ПРИВЕТ мир", "привет, мир"),
  ]) func caseSpaceAndPunctuationDoNotCount(text: String, other: String) {
    #expect(TextWords(text) == TextWords(other))
    #expect(TextWords(text).key == TextWords(other).key)
  }

  @Test(arguments: [("a b", "ab"), ("a b", "b a"), ("1", "2"), ("🙂", "🙃"), ("", "a"), ("+", "-"), ("é", "e")])
  func wordsAndTheirOrderCount(text: String, other: String) {
    #expect(TextWords(text).key != TextWords(other).key)
  }

  @Test func scriptsWithoutSpacesHaveAWordForEachCharacter() {
    #expect(TextWords("日本語 ok").hashes.count == 4)
    #expect(TextWords("ภาษา").hashes.count == 4)
  }

  @Test func shinglesAreRunsOfWords() {
    let words = TextWords("a b c d e f")
    #expect(words.shingles(5) == [TextWords("a b c d e").key, TextWords("b c d e f").key])
    #expect(words.shingles(9) == [words.key])
    #expect(TextWords("").shingles(5) == [])
  }
}
