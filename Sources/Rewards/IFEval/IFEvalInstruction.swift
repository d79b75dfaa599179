import JSON

/// One of the 25 verifiable instructions of IFEval (Zhou et al. 2023, "Instruction-Following Evaluation for Large
/// Language Models", arXiv 2311.07911), with its arguments.
///
/// Verdicts are those of the authors' `instruction_following_eval`, with these exceptions. Where it would draw an argument
/// at random, as for a letter that is not from a to z, the character that was asked for is counted, and a missing argument
/// is an error. Sentences are split without the counts that NLTK learned from newspapers. Languages are what langdetect says of
/// them with a fixed seed, where it was fetched; otherwise they are told apart by their scripts and small words, and short
/// texts may differ. Keywords are regular expressions of ICU, not of Python.
public struct IFEvalInstruction: Sendable {
  /// The name, as `keywords:existence`.
  public let id: String
  let kind: Kind

  /// Whether it is about the language of a response.
  var asksForLanguage: Bool {
    switch kind {
    case .language, .capitals, .lowercase: true
    default: false
    }
  }

  /// Whether there are to be fewer of something, or at least so many.
  struct Bound: Sendable {
    let isBelow: Bool
    let count: Int

    func admits(_ number: Int) -> Bool { isBelow ? number < count : number >= count }
  }

  /// What is to be checked.
  enum Kind: Sendable {
    case existence([String])
    case frequency(String, Bound)
    case forbiddenWords([String])
    case letterFrequency(String, Bound)
    case language(String)
    case sentences(Bound)
    case paragraphs(Int)
    case words(Bound)
    case paragraphFirstWord(paragraphs: Int, nth: Int, word: String)
    case placeholders(Int)
    case postscript(String)
    case bullets(Int)
    case constrainedResponse
    case highlights(Int)
    case sections(Int, splitter: String)
    case json
    case title
    case twoResponses
    case repeatPrompt(String)
    case ending(String)
    case quotation
    case capitalWords(Bound)
    case capitals
    case lowercase
    case noComma
  }

  /// An instruction by its name and the arguments that IFEval's `kwargs` have for it.
  /// - Throws: `RewardError` for a name that is none of the 25, and for arguments that are missing or of another kind.
  public init(_ id: String, _ arguments: JSON?) throws(RewardError) {
    self.id = id
    kind = try Kind(id, Arguments(id: id, values: arguments ?? .null))
  }
}

/// The arguments of an instruction.
private struct Arguments {
  let id: String
  let values: JSON

  func text(_ name: String) throws(RewardError) -> String {
    guard let text = values[name]?.string, !text.isEmpty else { throw missing(name, "a text") }
    return text
  }

  func number(_ name: String) throws(RewardError) -> Int {
    guard let number = values[name]?.int, number >= 0 else { throw missing(name, "a whole number") }
    return number
  }

  func texts(_ name: String) throws(RewardError) -> [String] {
    let texts = values[name]?.array?.compactMap(\.string) ?? []
    guard !texts.isEmpty, texts.count == values[name]?.array?.count else { throw missing(name, "a list of texts") }
    return texts
  }

  func bound(_ count: String, _ relation: String) throws(RewardError) -> IFEvalInstruction.Bound {
    let words = try text(relation)
    guard words == "less than" || words == "at least" else { throw missing(relation, "'less than' or 'at least'") }
    return .init(isBelow: words == "less than", count: try number(count))
  }

  func missing(_ name: String, _ kind: String) -> RewardError {
    RewardError("the instruction '\(id)' needs \(kind) as its argument '\(name)'")
  }
}

extension IFEvalInstruction.Kind {
  fileprivate init(_ id: String, _ arguments: Arguments) throws(RewardError) {
    switch id {
    case "keywords:existence": self = .existence(try arguments.texts("keywords"))
    case "keywords:frequency":
      let keyword = PythonText.strip(try arguments.text("keyword"))
      self = .frequency(keyword, try arguments.bound("frequency", "relation"))
    case "keywords:forbidden_words": self = .forbiddenWords(try arguments.texts("forbidden_words"))
    case "keywords:letter_frequency":
      let letter = PythonText.lower(try arguments.text("letter"))
      guard letter.unicodeScalars.count == 1 else { throw arguments.missing("letter", "one letter") }
      self = .letterFrequency(letter, try arguments.bound("let_frequency", "let_relation"))
    case "language:response_language": self = .language(try arguments.text("language"))
    case "length_constraints:number_sentences": self = .sentences(try arguments.bound("num_sentences", "relation"))
    case "length_constraints:number_paragraphs": self = .paragraphs(try arguments.number("num_paragraphs"))
    case "length_constraints:number_words": self = .words(try arguments.bound("num_words", "relation"))
    case "length_constraints:nth_paragraph_first_word":
      let (count, nth) = (try arguments.number("num_paragraphs"), try arguments.number("nth_paragraph"))
      guard nth >= 1 else { throw arguments.missing("nth_paragraph", "a number from 1") }
      let word = PythonText.lower(try arguments.text("first_word"))
      self = .paragraphFirstWord(paragraphs: count, nth: nth, word: word)
    case "detectable_content:number_placeholders": self = .placeholders(try arguments.number("num_placeholders"))
    case "detectable_content:postscript":
      self = .postscript(PythonText.strip(try arguments.text("postscript_marker")))
    case "detectable_format:number_bullet_lists": self = .bullets(try arguments.number("num_bullets"))
    case "detectable_format:constrained_response": self = .constrainedResponse
    case "detectable_format:number_highlighted_sections": self = .highlights(try arguments.number("num_highlights"))
    case "detectable_format:multiple_sections":
      let splitter = PythonText.strip(try arguments.text("section_spliter"))
      self = .sections(try arguments.number("num_sections"), splitter: splitter)
    case "detectable_format:json_format": self = .json
    case "detectable_format:title": self = .title
    case "combination:two_responses": self = .twoResponses
    case "combination:repeat_prompt": self = .repeatPrompt(try arguments.text("prompt_to_repeat"))
    case "startend:end_checker": self = .ending(PythonText.strip(try arguments.text("end_phrase")))
    case "startend:quotation": self = .quotation
    case "change_case:capital_word_frequency":
      self = .capitalWords(try arguments.bound("capital_frequency", "capital_relation"))
    case "change_case:english_capital": self = .capitals
    case "change_case:english_lowercase": self = .lowercase
    case "punctuation:no_comma": self = .noComma
    default: throw RewardError("'\(id)' is none of IFEval's 25 instructions")
    }
  }
}
