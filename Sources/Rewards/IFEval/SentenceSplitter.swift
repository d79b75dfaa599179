/// How many sentences a text has by the rules of Punkt (Kiss and Strunk 2006, "Unsupervised Multilingual Sentence
/// Boundary Detection"), as NLTK's English tokenizer applies them.
///
/// What Punkt learns from newspapers, which words are abbreviations and which are usually written small, is replaced by
/// short lists.
enum SentenceSplitter {
  /// How many sentences there are.
  static func count(_ text: String) -> Int {
    let scalars = Array(PythonText.strip(text).unicodeScalars)
    guard !scalars.isEmpty else { return 0 }
    var (breaks, last, start) = (0, 0, 0)
    while start < scalars.count {
      let end = scalars[start...].firstIndex(where: PythonText.isSpace) ?? scalars.count
      let next = scalars[end...].firstIndex { !PythonText.isSpace($0) } ?? scalars.count
      let following = scalars[next..<(scalars[next...].firstIndex(where: PythonText.isSpace) ?? scalars.count)]
      // Of the marks in a word the last that may end a sentence decides.
      let mark = (start..<end).last { place in
        ".?!".unicodeScalars.contains(scalars[place])
          && (place + 1 < end ? isNonWord(scalars[place + 1]) : next < scalars.count)
      }
      if let mark, isBreak(scalars[start...mark], before: mark + 1 < end ? scalars[(mark + 1)..<end] : following) {
        breaks += 1
        last = mark + 1
      }
      start = next
    }
    // Closing quotes and brackets belong to the sentence before them.
    let isClosed = scalars[last...].allSatisfy { "\"')]}".unicodeScalars.contains($0) }
    return breaks + (isClosed && breaks > 0 ? 0 : 1)
  }

  /// Whether a mark at the end of `word` ends the sentence, where `following` comes next.
  private static func isBreak(_ word: ArraySlice<Unicode.Scalar>, before following: ArraySlice<Unicode.Scalar>) -> Bool
  {
    guard word.last == ".", !word.contains("?"), !word.contains("!") else { return true }
    let token = Array(word.dropLast().reversed().prefix { !isNonWord($0) }.reversed())
    let next = following.prefix { !isNonWord($0) && $0 != "," && $0 != "." }
    let begins = next.first?.properties
    // A period after a star or a bracket stands alone.
    if token.isEmpty { return true }
    if token.last == "." {
      // An ellipsis.
      return begins?.isUppercase == true && isUsuallySmall(next)
    }
    let isNumber =
      token.contains(where: PythonText.isDigit)
      && token.allSatisfy { PythonText.isDigit($0) || "-.,".unicodeScalars.contains($0) }
    let isInitial = token.count == 1 && !isNumber && PythonText.isWord(token[0])
    if isNumber || isInitial {
      if begins?.isLowercase == true || following.first.map(";:,.!?".unicodeScalars.contains) == true { return false }
      return isNumber || begins?.isUppercase != true || isUsuallySmall(next)
    }
    let name = PythonText.lower(PythonText.string(token))
    let last = PythonText.split(name, by: "-").last ?? name
    guard abbreviations.contains(name) || abbreviations.contains(last) || isLettersWithPeriods(token) else {
      return true
    }
    return begins?.isUppercase == true && isUsuallySmall(next)
  }

  private static func isLettersWithPeriods(_ token: [Unicode.Scalar]) -> Bool {
    token.count >= 3 && token.count % 2 == 1
      && token.indices.allSatisfy { $0 % 2 == 0 ? token[$0].properties.isAlphabetic : token[$0] == "." }
  }

  /// What cannot be within a word.
  private static func isNonWord(_ scalar: Unicode.Scalar) -> Bool { ")\";}]*:@'({[!?".unicodeScalars.contains(scalar) }

  private static func isUsuallySmall(_ word: ArraySlice<Unicode.Scalar>) -> Bool {
    small.contains(PythonText.lower(PythonText.string(word)))
  }

  private static let abbreviations: Set = [
    "mr", "mrs", "ms", "dr", "prof", "sr", "jr", "st", "rev", "gen", "col", "sgt", "capt", "lt", "maj", "gov", "sen",
    "rep",
    "hon", "pres", "messrs", "vs", "etc", "inc", "ltd", "co", "corp", "bros", "cos", "est", "dept", "ave", "blvd", "rd",
    "mt",
    "ft", "oz", "jan", "feb", "mar", "apr", "jun", "jul", "aug", "sep", "sept", "oct", "nov", "dec", "mon", "tues",
    "wed",
    "thurs", "fri", "calif", "fla", "mass", "mich", "minn", "tex", "va", "wash", "conn", "ala", "ariz", "ark", "colo",
    "ga",
    "ill", "ind", "kan", "ky", "pa", "tenn", "wis", "i.e", "e.g", "ph.d", "a.m", "p.m", "u.s", "u.k", "u.n", "d.c",
  ]

  /// Words that begin a sentence where they are written large.
  private static let small: Set = [
    "a", "about", "after", "all", "also", "although", "an", "and", "another", "any", "as", "at", "because", "before",
    "both",
    "but", "by", "do", "does", "during", "each", "even", "every", "finally", "for", "from", "he", "her", "here", "his",
    "how",
    "however", "i", "if", "in", "instead", "is", "it", "its", "just", "like", "many", "most", "my", "no", "not", "now",
    "of",
    "on", "one", "or", "other", "our", "she", "since", "so", "some", "such", "that", "the", "their", "then", "there",
    "these",
    "they", "this", "those", "though", "to", "under", "until", "we", "what", "when", "where", "which", "while", "who",
    "why",
    "with", "without", "yet", "you", "your", "are", "be", "can", "come", "did", "first", "get", "go", "have", "let",
    "look",
    "make", "more", "next", "only", "please", "see", "take", "use", "was", "well", "were", "will", "would",
  ]
}
