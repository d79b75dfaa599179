import Foundation
import Parallel

/// Which language a text is in, as langdetect 1.0.9 says it with `DetectorFactory.seed = 0`.
///
/// langdetect (Nakatani 2010, and its translation to Python by Danilák) takes a text for a draw of runs of one to three
/// characters, and asks by Bayes' rule under which of 55 languages it is the most probable. It looks at random runs until
/// one language has it all, seven times, and takes the mean. IFEval's authors do not seed it: of texts whose language hangs
/// on the draws they get another answer each time.
struct LanguageDetector: Sendable {
  /// The languages' codes.
  let languages: [String]
  /// The languages that have a run, with its share in each.
  private let shares: [CharacterRun: [(language: Int, share: Double)]]
  private let classes: CharacterClasses

  /// The detector of this machine, read once; nil where there is no langdetect.
  static let shared = Result { () throws(RewardError) in
    try LangdetectPackage().map { (package) throws(RewardError) in try LanguageDetector(package) }
  }

  /// Reads langdetect's files.
  /// - Throws: `RewardError` for files that are not langdetect's.
  init(_ package: LangdetectPackage) throws(RewardError) {
    classes = try CharacterClasses(package.tables)
    let read = try package.profiles().concurrentMap { file in
      Result { () throws(RewardError) in try LanguageProfile(file) }
    }
    var languages: [String] = []
    var shares: [CharacterRun: [(language: Int, share: Double)]] = [:]
    shares.reserveCapacity(100_000)
    for (language, profile) in read.enumerated() {
      let profile = try profile.get()
      languages.append(profile.name)
      for (run, share) in profile.shares { shares[run, default: []].append((language, share)) }
    }
    (self.languages, self.shares) = (languages, shares)
  }

  /// The most probable language's code, or `unknown` where none is probable; nil for a text without a run of any language.
  func code(of text: String) -> String? {
    guard let probabilities = probabilities(of: text) else { return nil }
    // Of equal ones the first.
    guard let best = probabilities.max(), best > 0.1, let language = probabilities.firstIndex(of: best) else {
      return "unknown"
    }
    return languages[language]
  }

  /// How probable each of `languages` is; nil for a text without a run of any.
  func probabilities(of text: String) -> [Double]? {
    let runs = runs(of: cleaned(text))
    guard !runs.isEmpty else { return nil }
    var random = PythonRandom(seed: 0)
    var means = [Double](repeating: 0, count: languages.count)
    for _ in 0..<7 {
      // What is added to each share, so that nothing is impossible.
      let least = (0.5 + random.normal() * 0.05) / 10_000
      var probabilities = [Double](repeating: 1 / Double(languages.count), count: languages.count)
      for step in 0...1000 {
        var factors = [Double](repeating: least, count: languages.count)
        for (language, share) in shares[runs[random.index(below: runs.count)]] ?? [] { factors[language] += share }
        for language in languages.indices { probabilities[language] *= factors[language] }
        guard step.isMultiple(of: 5) else { continue }
        let sum = probabilities.reduce(0, +)
        for language in languages.indices { probabilities[language] /= sum }
        if probabilities.contains(where: { $0 > 0.99999 }) { break }
      }
      for language in languages.indices { means[language] += probabilities[language] / 7 }
    }
    return means
  }

  /// The runs of one to three characters that some language has; none of words in capitals but their beginnings and ends.
  private func runs(of text: [Unicode.Scalar]) -> [CharacterRun] {
    var runs: [CharacterRun] = []
    var latest: [Unicode.Scalar] = [" "]
    var isInCapitals = false
    for character in text {
      let character = classes.representative(of: character)
      let last = latest[latest.count - 1]
      if last == " " {
        latest = [" "]
        isInCapitals = false
        if character == " " { continue }
      } else if latest.count == 3 {
        latest.removeFirst()
      }
      latest.append(character)
      isInCapitals = character.properties.isUppercase && (isInCapitals || last.properties.isUppercase)
      if isInCapitals { continue }
      for length in 1...latest.count where length > 1 || character != " " {
        let run = CharacterRun(latest.suffix(length))
        if shares[run] != nil { runs.append(run) }
      }
    }
    return runs
  }

  /// What of a text is looked at: at most 10,000 characters, without addresses and spaces in a row, and without Latin letters
  /// where others are more than twice as many.
  private func cleaned(_ text: String) -> [Unicode.Scalar] {
    let whole = classes.composing(Self.withoutMailAddresses(Self.withoutWebAddresses(Array(text.unicodeScalars))))
    let start = whole.prefix(10_000)
    let spaced = start.indices.filter { start[$0] != " " || $0 == 0 || start[$0 - 1] != " " }.map { start[$0] }
    // With the six signs between the capitals and the small letters.
    func isLatin(_ character: Unicode.Scalar) -> Bool { "A"..."z" ~= character }
    let (latin, others) = (spaced.count(where: isLatin), spaced.count { $0 >= "\u{300}" })
    return 2 * latin < others ? spaced.filter { !isLatin($0) } : spaced
  }
}
