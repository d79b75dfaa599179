import JSON
import Testing

@Suite struct JSONTests {
  @Test(arguments: [
    #"{"b": 1, "a": [true, null, -0.5, 1e-05], "c": {"é": "x\ny\"\\"}}"#, "[]", "{}", #""😀""#, "9007199254740993",
    "[NaN, Infinity, -Infinity]", "1e+22",
  ])
  func writesWhatItRead(text: String) throws {
    let value = try JSON(parsing: text)
    #expect(value.text == text)
    #expect(try JSON(parsing: value.prettyText).text == text)
  }

  @Test func readsEscapes() throws {
    #expect(try JSON(parsing: #""\u0041\ud83d\ude00\/\b\f\t""#) == "A😀/\u{8}\u{C}\t")
    #expect(try JSON(parsing: "\"\\u0000\"") == "\0")
  }

  @Test func readsNumbers() throws {
    #expect(try JSON(parsing: "18446744073709551616") == .number(0x1p64))
    #expect(try JSON(parsing: "4096.0").int == 4096)
    #expect(try JSON(parsing: "1.5").int == nil)
    #expect(try JSON(parsing: "-7").double == -7)
  }

  @Test func lastOfTwoEqualKeysWins() throws {
    #expect(try JSON(parsing: #"{"a": 1, "b": 2, "a": 3}"#).text == #"{"a": 3, "b": 2}"#)
  }

  @Test(arguments: [
    ("", "line 1, column 1: the text ends where a value was expected"),
    ("{\"a\": 1,\n \"b\" 2}", "line 2, column 6: ':' was expected after the key"),
    ("[1, 2", "line 1, column 6: ',' or ']' was expected"),
    ("{\"a\": tru}", "line 1, column 7: 'true' was expected"),
    ("\"\\ud800\"", "line 1, column 8: a lone surrogate in a string"),
    ("\"\\ud800\\u0041\"", "line 1, column 14: a lone surrogate in a string"),
    ("\"\\u12G4\"", "line 1, column 4: four hexadecimal digits were expected"),
    ("\"\\u12", "line 1, column 4: four hexadecimal digits were expected"),
    ("\"a\nb\"", "line 1, column 3: a control character in a string must be written as an escape"),
    ("\"abc", "line 1, column 5: the text ends inside a string"),
    ("01", "line 1, column 3: a number may not begin with 0"),
    ("-", "line 1, column 2: a digit was expected"),
    ("{} {}", "line 1, column 4: text after the end of the value"),
    ("{1: 2}", "line 1, column 2: a key in quotes was expected"),
  ])
  func saysWhatIsWrong(text: String, message: String) {
    let error = #expect(throws: JSONError.self) { try JSON(parsing: text) }
    #expect(error?.description == message)
  }

  @Test func refusesInvalidUTF8() {
    #expect(throws: JSONError.self) { try JSON(parsing: [0x22, 0xC3, 0x28, 0x22]) }
  }

  @Test func refusesDeepNesting() throws {
    _ = try JSON(parsing: String(repeating: "[", count: 512) + String(repeating: "]", count: 512))
    let error = #expect(throws: JSONError.self) { try JSON(parsing: String(repeating: "[", count: 1_000_000)) }
    #expect(error?.reason == "nested more than 512 deep")
  }
}
