import JSON

/// One of the 25 constraints as Tülu 3's prompts for RLVR name them (Lambert et al. 2024, arXiv 2411.15124): a function
/// of open-instruct's `if_functions.py` and its arguments. The functions are simpler than IFEval's own, and several ask
/// for other things.
struct TuluConstraint {
  /// The function's name.
  let name: String
  private let arguments: JSON

  /// The constraint of a record's `ground_truth`; nil where that names no function.
  init?(_ truth: JSON) {
    guard let name = truth["func_name"]?.string else { return nil }
    (self.name, arguments) = (name, truth)
  }

  /// Whether it is about the language of a response.
  var asksForLanguage: Bool { name == "validate_response_language" }

  /// Whether a response meets the constraint.
  /// - Throws: `RewardError` for functions and arguments that are not open-instruct's.
  func isMet(by text: String) throws(RewardError) -> Bool {
    switch name {
    case "verify_keywords":
      let text = PythonText.lower(text)
      return try texts("keyword_list").allSatisfy { PythonText.contains(text, PythonText.lower($0)) }
    case "validate_forbidden_words":
      let text = PythonText.lower(text)
      return try !texts("forbidden_words").contains { PythonText.contains(text, PythonText.lower($0)) }
    case "verify_keyword_frequency":
      let word = PythonText.lower(try self.text("word"))
      let words = PythonText.lower(text).unicodeScalars.split { !PythonText.isWord($0) }
      return words.count { $0.elementsEqual(word.unicodeScalars) } == (try number("N"))
    case "verify_letter_frequency":
      let letter = try self.text("letter").unicodeScalars
      guard letter.count == 1 else { throw RewardError("'\(name)' needs one letter as its argument 'letter'") }
      return text.unicodeScalars.count { $0 == letter.first } == (try number("N"))
    case "validate_response_language": return try IFEvalReward.isWritten(text, in: self.text("language"))
    case "validate_word_constraint":
      let count = try number("N")
      return try admits(PythonText.split(text).count, count, slack: Self.tenth(of: count))
    case "verify_sentence_constraint":
      let ends = try BoundedPattern(#"(?<!\w\.\w.)(?<![A-Z][a-z]\.)(?<=\.|\?|!)[\s\x0B\x1C-\x1F\x85]"#)
      return try admits(ends.count(in: text) + 1, number("N"), slack: 1)
    case "validate_frequency_capital_words":
      let count = try number("N")
      return try admits(BoundedPattern(#"\b[A-Z]+\b"#).count(in: text), count, slack: Self.tenth(of: count))
    case "validate_placeholders": return try BoundedPattern(#"\[.*?\]"#).count(in: text) >= number("N")
    case "validate_highlighted_sections": return try BoundedPattern(#"\*.*?\*"#).count(in: text) >= number("N")
    case "validate_title": return try BoundedPattern("<<.*?>>").matches(text)
    case "validate_json_format": return (try? JSON(parsing: text)) != nil
    case "validate_repeat_prompt": return PythonText.hasPrefix(text, try self.text("original_prompt"))
    case "validate_end": return PythonText.hasSuffix(text, try self.text("end_phrase"))
    case "validate_quotation": return PythonText.hasPrefix(text, "\"") && PythonText.hasSuffix(text, "\"")
    case "validate_no_commas": return !PythonText.contains(text, ",")
    case "validate_uppercase": return PythonText.areEqual(text, PythonText.upper(text))
    case "validate_lowercase": return PythonText.areEqual(text, PythonText.lower(text))
    case "validate_choice": return try texts("options").contains { PythonText.contains(text, $0) }
    default: return try isLaidOut(text)
    }
  }

  /// The constraints on paragraphs, lists and sections.
  private func isLaidOut(_ text: String) throws(RewardError) -> Bool {
    switch name {
    case "verify_paragraph_count":
      let lines = PythonText.lines(text).map { PythonText.strip($0) }
      let paragraphs = PythonText.split(lines.joined(separator: "\n"), by: "* * *")
      let count = try number("N")
      return paragraphs.count == count && paragraphs.allSatisfy { !PythonText.strip($0).isEmpty }
    case "validate_paragraphs":
      let (paragraphs, place) = (PythonText.split(text, by: "\n\n"), try number("i"))
      guard paragraphs.count == (try number("N")) else { return false }
      guard paragraphs.indices.contains(place - 1) else {
        throw RewardError("'\(name)' needs a number from 1 to \(paragraphs.count) as its argument 'i'")
      }
      return PythonText.hasPrefix(PythonText.strip(paragraphs[place - 1]), try self.text("first_word"))
    case "verify_bullet_points":
      let lines = PythonText.split(text, by: "\n").map { PythonText.strip($0).unicodeScalars.first }
      return lines.count { $0 == "*" || $0 == "-" } == (try number("N"))
    case "verify_postscript":
      let marker = try self.text("postscript_marker")
      // More than the marker alone.
      guard let place = PythonText.offsets(of: Array(marker.utf8), in: Array(text.utf8)).first else { return false }
      let rest = String(decoding: Array(text.utf8)[place...], as: UTF8.self)
      return PythonText.strip(rest).unicodeScalars.count > marker.unicodeScalars.count
    case "validate_sections":
      let splitter = try self.text("section_splitter").unicodeScalars.map { scalar in
        PythonText.isWord(scalar) || !scalar.isASCII ? String(scalar) : "\\\(scalar)"
      }
      let space = #"[\s\x0B\x1C-\x1F\x85]?"#
      let sections = try BoundedPattern("\(space)\(splitter.joined())\(space)\\d+\(space)", ignoringCase: true)
      return try sections.count(in: text) >= number("N")
    case "validate_two_responses":
      let responses = PythonText.split(text, by: "******").map { PythonText.strip($0) }
      return responses.count == 2 && !PythonText.areEqual(responses[0], responses[1])
    default: throw RewardError("'\(shown(name))' is none of open-instruct's 25 functions")
    }
  }

  private func admits(_ found: Int, _ count: Int, slack: Int) throws(RewardError) -> Bool {
    switch try text("quantifier") {
    case "at least": return found >= count
    case "at most": return found <= count
    case "around": return (count - slack...count + slack).contains(found)
    default: return false
    }
  }

  /// How far "around" a number goes.
  private static func tenth(of count: Int) -> Int {
    max(Int((Double(count) * 0.1).rounded(.toNearestOrEven)), 1)
  }

  private func text(_ argument: String) throws(RewardError) -> String {
    guard let text = arguments[argument]?.string, !text.isEmpty else { throw missing(argument, "a text") }
    return text
  }

  private func number(_ argument: String) throws(RewardError) -> Int {
    // Bounded, so that no sum overflows.
    guard let number = arguments[argument]?.int, 0...1_000_000_000 ~= number else {
      throw missing(argument, "a number")
    }
    return number
  }

  private func texts(_ argument: String) throws(RewardError) -> [String] {
    let texts = arguments[argument]?.array?.compactMap(\.string)
    guard let texts, texts.count == arguments[argument]?.array?.count else {
      throw missing(argument, "a list of texts")
    }
    return texts
  }

  private func missing(_ argument: String, _ kind: String) -> RewardError {
    RewardError("'\(name)' needs \(kind) as its argument '\(argument)'")
  }
}
