import JSON

extension IFEvalReward {
  /// Whether a text is in a language, as langdetect says it, or by a guess where there is no langdetect. A text without
  /// letters is in any, as for IFEval's authors.
  /// - Throws: `RewardError` where langdetect's files are damaged.
  static func isWritten(_ text: String, in language: String) throws(RewardError) -> Bool {
    guard let detector = try LanguageDetector.shared.get() else { return LanguageGuess(text).isFollowed(language) }
    let code = detector.code(of: text)
    return code == nil || code == language
  }

  /// What a person should know of verdicts on some records, in one line: that languages are guessed, where a record asks for
  /// one and there is no langdetect.
  /// - Throws: `RewardError` where langdetect's files are damaged, which no verdict could do without.
  public static func remark(on records: some Sequence<JSON>) throws(RewardError) -> String? {
    guard records.contains(where: asksForLanguage) else { return nil }
    guard try LanguageDetector.shared.get() == nil else { return nil }
    return "languages are guessed, since there is no langdetect, by which IFEval's authors tell them: run "
      + "'make langdetect' in Caravan's folder, or set \(LangdetectPackage.variable) to a folder with the Python package"
  }

  /// That languages are guessed, where records ask for one and they are.
  public func remark(on columns: [JSON]) throws -> String? { try Self.remark(on: columns) }

  /// Checks that nothing is wrong with langdetect's files, where there are any.
  /// - Throws: `RewardError` for a damaged file, by which no verdict can be had.
  public static func checkLanguages() throws(RewardError) { _ = try LanguageDetector.shared.get() }

  private static func asksForLanguage(_ columns: JSON) -> Bool {
    guard let record = instructionRecord(in: columns)?.record else { return false }
    if let constraint = TuluConstraint(record) { return constraint.asksForLanguage }
    return (try? instructions(of: record))?.contains(where: \.asksForLanguage) ?? false
  }
}
