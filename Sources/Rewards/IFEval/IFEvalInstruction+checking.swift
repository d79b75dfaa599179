import JSON

extension IFEvalInstruction {
  /// Whether a response follows the instruction, to the letter. An empty one follows none.
  /// - Throws: `RewardError` for a keyword that is no regular expression, or takes too long, and where langdetect's files
  ///   are damaged.
  public func isFollowed(by response: String) throws(RewardError) -> Bool {
    guard !PythonText.strip(response).isEmpty else { return false }
    switch kind {
    case .existence(let keywords):
      for keyword in keywords where try !BoundedPattern(keyword, ignoringCase: true).matches(response) { return false }
      return true
    case .frequency(let keyword, let bound):
      return bound.admits(try BoundedPattern(keyword, ignoringCase: true).count(in: response))
    case .forbiddenWords(let words):
      for word in words where try BoundedPattern("\\b\(word)\\b", ignoringCase: true).matches(response) { return false }
      return true
    case .letterFrequency(let letter, let bound):
      let letters = PythonText.lower(response).unicodeScalars
      return bound.admits(letters.count { $0 == letter.unicodeScalars.first })
    case .language(let language): return try IFEvalReward.isWritten(response, in: language)
    case .sentences(let bound): return bound.admits(SentenceSplitter.count(response))
    case .words(let bound): return bound.admits(PythonText.wordCount(response))
    case .capitalWords(let bound):
      return bound.admits(TreebankWords.words(of: response).count { PythonText.isAll(lower: false, $0) })
    case .capitals: return try Self.isEnglish(response, lower: false)
    case .lowercase: return try Self.isEnglish(response, lower: true)
    case .noComma: return !PythonText.contains(response, ",")
    case .json: return Self.isJSON(response)
    case .twoResponses: return Self.areTwo(PythonText.split(response, by: "******"))
    case .repeatPrompt(let prompt):
      let prompt = PythonText.lower(PythonText.strip(prompt))
      return PythonText.hasPrefix(PythonText.lower(PythonText.strip(response)), prompt)
    case .ending(let phrase):
      let end = PythonText.lower(PythonText.strip(PythonText.strip(response), "\""))
      return PythonText.hasSuffix(end, PythonText.lower(phrase))
    case .quotation:
      let text = PythonText.strip(response).unicodeScalars
      return text.count > 1 && text.first == "\"" && text.last == "\""
    case .constrainedResponse:
      return ["My answer is yes.", "My answer is no.", "My answer is maybe."].contains {
        PythonText.contains(response, $0)
      }
    case .paragraphFirstWord(let count, let nth, let word):
      return Self.paragraph(nth, of: count, begins: word, response)
    case .paragraphs, .placeholders, .postscript, .bullets, .highlights, .sections, .title:
      return try isLaidOut(response)
    }
  }

  private static func isEnglish(_ response: String, lower: Bool) throws(RewardError) -> Bool {
    guard PythonText.isAll(lower: lower, response) else { return false }
    return try IFEvalReward.isWritten(response, in: "en")
  }

  /// White space as Python's `re` knows it.
  private static let space = #"[\s\x0B\x1C-\x1F\x85]"#

  /// What the authors look for with regular expressions.
  private func isLaidOut(_ response: String) throws(RewardError) -> Bool {
    let space = Self.space
    switch kind {
    case .paragraphs(let count):
      let paragraphs = try BoundedPattern("\(space)?\\*\\*\\*\(space)?").split(response)
      let blank = paragraphs.indices.filter { PythonText.strip(paragraphs[$0]).isEmpty }
      // Only the first and the last may be blank.
      return blank.allSatisfy { $0 == 0 || $0 == paragraphs.count - 1 } && paragraphs.count - blank.count == count
    case .placeholders(let count):
      return try BoundedPattern(#"\[.*?\]"#).count(in: response) >= count
    case .postscript(let marker):
      let text = PythonText.lower(response)
      switch marker {
      case "P.P.S": return try BoundedPattern("p\\.\(space)?p\\.\(space)?s").matches(text)
      case "P.S.": return try BoundedPattern("p\\.\(space)?s\\.").matches(text)
      default: return try BoundedPattern(PythonText.lower(marker)).matches(text)
      }
    case .bullets(let count):
      let stars = try BoundedPattern("^\(space)*\\*[^*].*$", linewise: true).count(in: response)
      return try stars + BoundedPattern("^\(space)*-.*$", linewise: true).count(in: response) == count
    case .highlights(let count):
      let single = try BoundedPattern(#"\*[^\n*]*\*"#).all(in: response).map { PythonText.strip($0, "*") }
      let double = try BoundedPattern(#"\*\*[^\n*]*\*\*"#).all(in: response).map {
        PythonText.removingSuffix(PythonText.removingPrefix($0, "**"), "**")
      }
      return (single + double).count { !PythonText.strip($0).isEmpty } >= count
    case .sections(let count, let splitter):
      return try BoundedPattern("\(space)?\(splitter)\(space)?\\d+\(space)?").count(in: response) >= count
    case .title:
      return try BoundedPattern(#"<<[^\n]+>>"#).all(in: response).contains {
        let title = PythonText.strip(PythonText.strip($0, "<", right: false), ">", left: false)
        return !PythonText.strip(title).isEmpty
      }
    default: return false
    }
  }

  private static func isJSON(_ response: String) -> Bool {
    var text = PythonText.strip(response)
    for fence in ["```json", "```Json", "```JSON", "```"] { text = PythonText.removingPrefix(text, fence) }
    text = PythonText.strip(PythonText.removingSuffix(text, "```"))
    return (try? JSON(parsing: text)) != nil
  }

  private static func areTwo(_ parts: [String]) -> Bool {
    var responses: [String] = []
    for (index, part) in parts.enumerated() {
      let response = PythonText.strip(part)
      if !response.isEmpty {
        responses.append(response)
      } else if index != 0, index != parts.count - 1 {
        return false
      }
    }
    return responses.count == 2 && !PythonText.areEqual(responses[0], responses[1])
  }

  /// The nth paragraph is found among all, blank ones too, though these are not counted.
  private static func paragraph(_ nth: Int, of count: Int, begins word: String, _ response: String) -> Bool {
    let paragraphs = PythonText.split(response, by: "\n\n")
    let filled = paragraphs.count { !PythonText.strip($0).isEmpty }
    guard nth <= filled, let first = PythonText.split(paragraphs[nth - 1]).first else { return false }
    let bare = PythonText.strip(PythonText.strip(first, "'", right: false), "\"", right: false)
    let letters = bare.unicodeScalars.prefix { !".,?!'\"".unicodeScalars.contains($0) }
    // Letter by letter, as the authors do.
    let lowered = letters.reduce(into: "") { $0 += $1.properties.lowercaseMapping }
    return filled == count && PythonText.areEqual(lowered, word)
  }
}
