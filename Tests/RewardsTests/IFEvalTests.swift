import Foundation
import JSON
import TestSupport
import Testing

@testable import Rewards

/// The verdicts of IFEval's authors.
@Suite struct IFEvalTests {
  private static let gold = Checkout.shared("gold/ifeval/responses_verdicts.jsonl")

  private static func records() throws -> [JSON] {
    try String(contentsOf: gold, encoding: .utf8).split(separator: "\n").map { try JSON(parsing: String($0)) }
  }

  /// Responses of GPT-4 to all prompts but one, 832 instructions in two readings. Without langdetect two names in capitals,
  /// which have no small word, are in no language, and English for the authors.
  @Test(.enabled(if: FileManager.default.fileExists(atPath: gold.path)))
  func verdictsAreTheAuthors() throws {
    var differences: [String] = []
    for record in try Self.records() {
      let instructions = try IFEvalReward.instructions(of: record)
      let response = try #require(record["response"]?.string)
      for (reading, name) in [(IFEvalReward.Reading.strict, "strict"), (.loose, "loose")] {
        let verdicts = try IFEvalReward.verdicts(on: response, instructions, reading)
        let expected = record[name]?.array?.compactMap(\.bool) ?? []
        #expect(verdicts.count == expected.count)
        for (index, (ours, theirs)) in zip(verdicts, expected).enumerated() where ours != theirs {
          differences.append("\(record["key"]?.int ?? 0) \(instructions[index].id) \(name): \(ours)")
        }
      }
    }
    let hasDetector = try LanguageDetector.shared.get() != nil
    #expect(
      differences
        == (hasDetector
          ? []
          : [
            "3572 change_case:english_capital strict: false", "3572 change_case:english_capital loose: false",
            "3617 change_case:english_capital strict: false", "3617 change_case:english_capital loose: false",
          ]))
  }

  private static func verdict(_ id: String, _ arguments: JSON, _ response: String) throws -> Bool {
    try IFEvalInstruction(id, arguments).isFollowed(by: response)
  }

  @Test func instructionsAreReadToTheLetter() throws {
    let frequency: JSON = ["keyword": "cat", "frequency": 2, "relation": "at least"]
    // Keywords are found within words.
    #expect(try Self.verdict("keywords:frequency", frequency, "Cats concatenate."))
    #expect(try !Self.verdict("keywords:forbidden_words", ["forbidden_words": ["cat"]], "A CAT."))
    #expect(try Self.verdict("keywords:forbidden_words", ["forbidden_words": ["cat"]], "Cats concatenate."))
    #expect(try Self.verdict("detectable_format:number_bullet_lists", ["num_bullets": 2], "* one\n - two\n** three"))
    #expect(
      try Self.verdict("detectable_format:number_highlighted_sections", ["num_highlights": 2], "**both** *one* * *"))
    #expect(try Self.verdict("length_constraints:number_paragraphs", ["num_paragraphs": 2], "one\n***\ntwo***"))
    #expect(try !Self.verdict("length_constraints:number_paragraphs", ["num_paragraphs": 2], "one *** *** two"))
    let first: JSON = ["num_paragraphs": 2, "nth_paragraph": 2, "first_word": "Well"]
    #expect(try Self.verdict("length_constraints:nth_paragraph_first_word", first, "So\n\n\"well, yes"))
    #expect(try !Self.verdict("length_constraints:nth_paragraph_first_word", first, "So\n\n\n\nwell, yes"))
    #expect(try Self.verdict("detectable_format:json_format", [:], "```json\n{\"a\": NaN}\n```"))
    #expect(try !Self.verdict("combination:two_responses", [:], "same ****** same"))
    #expect(try Self.verdict("startend:quotation", [:], " \"yes\" "))
    #expect(try Self.verdict("startend:end_checker", ["end_phrase": "THE END"], "… \"The end\""))
    #expect(
      try Self.verdict("detectable_format:title", [:], "<<<x>>>")
        && !Self.verdict("detectable_format:title", [:], "<< >>"))
    #expect(try Self.verdict("detectable_content:postscript", ["postscript_marker": "P.P.S"], "p. p. s. more"))
    let capitals: JSON = ["capital_frequency": 3, "capital_relation": "less than"]
    #expect(try !Self.verdict("change_case:capital_word_frequency", capitals, "I DON'T know"))
    #expect(try Self.verdict("change_case:capital_word_frequency", capitals, "NASA's WELL-KNOWN test"))
    let hashes: JSON = ["letter": "#", "let_frequency": 2, "let_relation": "at least"]
    #expect(try Self.verdict("keywords:letter_frequency", hashes, "## title"))
    #expect(try !Self.verdict("punctuation:no_comma", [:], "") && Self.verdict("punctuation:no_comma", [:], "、"))
  }

  @Test func sentencesAreCountedAsPunktDoes() {
    for (text, count) in [
      ("One. Two! Three?", 3), ("Mr. Smith met Dr. Jones.", 1), ("What?! No.", 2),
      ("He said \"yes.\" Then he left.", 2),
      ("Version 2.5 is out", 1), ("J. R. Smith, the one from the U.S. army, came.", 1),
      ("Fruit, e.g. apples. P.S. More", 4), ("Wait... what?", 1),
      ("It was 9 a.m. The sun rose.", 2), ("1. First\n2. Second", 3), ("in *o*. Let's go to o. Please come.", 3),
      ("(Done.)", 1), ("Done.\n\"", 1), ("*o*. Next", 2), ("", 0),
    ] { #expect(SentenceSplitter.count(text) == count, "\(text)") }
  }

  @Test func languagesAreToldApart() {
    for (text, code) in [
      ("The cat is on the table", "en"), ("Die Katze ist auf dem Tisch", "de"),
      ("O gato não está na mesa com os livros", "pt"),
      ("Il gatto è sul tavolo", "it"), ("Kissa on pöydällä ja se nukkuu", "fi"),
      ("Paka yuko juu ya meza na analala", "sw"),
      ("Con mèo đang ở trên bàn", "vi"), ("Кот лежит на столе, и он спит", "ru"), ("Котката е на масата и спи", "bg"),
      ("گربه روی میز است", "fa"), ("بلی میز پر ہے", "ur"), ("القطة على الطاولة", "ar"), ("बिल्ली मेज पर है", "hi"),
      ("मांजर टेबलावर आहे", "mr"), ("बिरालो टेबुलमा छ", "ne"), ("고양이가 있다", "ko"), ("แมวอยู่บนโต๊ะ", "th"),
    ] { #expect(LanguageGuess(text).code == code, "\(text)") }
    // Without letters there is nothing to say against.
    #expect(LanguageGuess("12:30").isFollowed("en") && !LanguageGuess("YES").isFollowed("en"))
  }

  @Test func guessedLanguagesAreSaid() throws {
    func record(_ id: String) -> JSON { ["instruction_id_list": [.string(id)], "kwargs": [[:]]] }
    let plain: [JSON] = [record("punctuation:no_comma"), record("no:such"), [:], ["ground_truth": "18"]]
    #expect(try IFEvalReward.remark(on: plain) == nil)
    let isGuessed = try LanguageDetector.shared.get() == nil
    for asking: JSON in [
      record("change_case:english_capital"), record("change_case:english_lowercase"),
      ["ground_truth": ["func_name": "validate_response_language", "language": "de"]],
    ] { #expect(try (IFEvalReward.remark(on: plain + [asking]) != nil) == isGuessed) }
    // As rewards of training and of the best of several answers say it.
    let rule = try IFEvalRule("change_case:english_capital")
    #expect(try (rule.remark(on: []) != nil) == isGuessed && (IFEvalRule("punctuation:no_comma").remark(on: []) == nil))
    let rewards = try WeightedRewards([.init(GSM8KReward()), .init(IFEvalReward()), .init(rule)], onFailure: .stop)
    let remarks = try rewards.remarks(on: plain + [record("change_case:english_capital")])
    #expect(remarks.map { $0.prefix { $0 != ":" } } == (isGuessed ? ["ifeval", "english_capital"] : []))
    #expect(try rewards.remarks(on: plain).count == (isGuessed ? 1 : 0))
  }

  @Test func recordsNameTheirInstructions() throws {
    let reward = IFEvalReward()
    func outcome(_ columns: JSON, _ text: String = "no comma") -> RewardOutcome {
      reward.rewards(for: [RewardedAnswer(prompt: [], text: text, columns: columns)])[0]
    }
    let ids: JSON = ["punctuation:no_comma", "startend:quotation"]
    #expect(outcome(["instruction_id_list": ids, "kwargs": [[:], [:]]]) == .reward(0.5))
    #expect(
      outcome(["ground_truth": .string(#"[{"instruction_id": ["startend:quotation"], "kwargs": [null]}]"#)])
        == .reward(0))
    #expect(outcome(["ground_truth": "42"]) == .notMine && outcome([:]) == .notMine)
    #expect(
      outcome(["instruction_id_list": ["a:b"], "kwargs": [[:]]]) == .failed("'a:b' is none of IFEval's 25 instructions")
    )
    #expect(
      outcome(["instruction_id_list": ["keywords:existence"], "kwargs": [[:]]])
        == .failed("the instruction 'keywords:existence' needs a list of texts as its argument 'keywords'"))
    #expect(
      outcome(["instruction_id_list": ids, "kwargs": []])
        == .failed("the record's instructions and 'kwargs' are not two lists of the same length"))
    let quoted: JSON = ["instruction_id": ["startend:quotation"], "kwargs": [[:]]]
    #expect(outcome(["ground_truth": quoted], "<think>well</think><answer> \"yes\" </answer>") == .reward(1))
    let hostile: JSON = ["instruction_id_list": ["keywords:existence"], "kwargs": [["keywords": ["(a+)+$"]]]]
    guard case .failed(let reason) = outcome(hostile, String(repeating: "a", count: 40) + "b") else {
      Issue.record("no failure")
      return
    }
    #expect(reason.hasPrefix("the regular expression '(a+)+$' takes longer than 1.0 seconds"))
  }

  /// What open-instruct's functions say.
  @Test(arguments: [
    (#"{"func_name": "verify_keywords", "keyword_list": ["CAT", "dog"], "N": null}"#, "Cats and dogs", true),
    (#"{"func_name": "verify_keyword_frequency", "word": "Cat", "N": 2}"#, "cat, cats, CAT", true),
    (#"{"func_name": "validate_forbidden_words", "forbidden_words": ["cat"]}"#, "concatenate", false),
    (#"{"func_name": "verify_letter_frequency", "letter": "l", "N": 3}"#, "hello world", true),
    (#"{"func_name": "validate_response_language", "language": "de"}"#, "Das ist nicht wahr", true),
    (#"{"func_name": "verify_paragraph_count", "N": 2}"#, "First paragraph\n* * *\nSecond paragraph", true),
    (#"{"func_name": "validate_word_constraint", "N": 10, "quantifier": "around"}"#, "a b c d e f g h i", true),
    (#"{"func_name": "validate_word_constraint", "N": 3, "quantifier": "at most"}"#, "a b c d", false),
    (
      #"{"func_name": "verify_sentence_constraint", "N": 2, "quantifier": "at least"}"#, "Mr. A met i.e. b. Then c",
      true
    ),
    (
      #"{"func_name": "verify_sentence_constraint", "N": 3, "quantifier": "at least"}"#, "Mr. A met i.e. b. Then c",
      false
    ),
    (#"{"func_name": "validate_paragraphs", "N": 2, "first_word": "b", "i": 2}"#, "a\n\n bc", true),
    (#"{"func_name": "verify_postscript", "postscript_marker": "P.S."}"#, "a P.S. ", false),
    (#"{"func_name": "validate_placeholders", "N": 2}"#, "[a] [b]", true),
    (#"{"func_name": "verify_bullet_points", "N": 2}"#, " * a\n-b\nc - d", true),
    (#"{"func_name": "validate_title"}"#, "<<>>", true),
    (#"{"func_name": "validate_choice", "options": ["yes", "no"]}"#, "not that", true),
    (#"{"func_name": "validate_highlighted_sections", "N": 2}"#, "**a**", true),
    (#"{"func_name": "validate_sections", "N": 2, "section_splitter": "S."}"#, "s. 1 a S.2", true),
    (#"{"func_name": "validate_json_format"}"#, "```{}```", false),
    (#"{"func_name": "validate_repeat_prompt", "original_prompt": "Hi"}"#, "Hi there", true),
    (#"{"func_name": "validate_two_responses"}"#, "a ****** b", true),
    (#"{"func_name": "validate_uppercase"}"#, "A 1", true),
    (#"{"func_name": "validate_lowercase"}"#, "a B", false),
    (#"{"func_name": "validate_frequency_capital_words", "N": 1, "quantifier": "at most"}"#, "NASA, I see", false),
    (#"{"func_name": "validate_end", "end_phrase": "end."}"#, "The end.", true),
    (#"{"func_name": "validate_quotation"}"#, "\"a\"", true),
    (#"{"func_name": "validate_no_commas"}"#, "a, b", false),
  ])
  func tulusConstraints(truth: String, response: String, isMet: Bool) {
    let answer = RewardedAnswer(prompt: [], text: response, columns: ["ground_truth": .string(truth)])
    #expect(IFEvalReward().rewards(for: [answer]) == [.reward(isMet ? 1 : 0)])
  }

  @Test func tulusConstraintsWithoutArgumentsFail() {
    for (truth, reason) in [
      (["func_name": "validate_end"], "'validate_end' needs a text as its argument 'end_phrase'"),
      (["func_name": "verify_bullet_points", "N": -1], "'verify_bullet_points' needs a number as its argument 'N'"),
      (["func_name": "validate_luck"], "'validate_luck' is none of open-instruct's 25 functions"),
      (
        ["func_name": "validate_paragraphs", "N": 1, "first_word": "a", "i": 0],
        "'validate_paragraphs' needs a number from 1 to 1 as its argument 'i'"
      ),
    ] as [(JSON, String)] {
      let answer = RewardedAnswer(prompt: [], text: "a", columns: ["ground_truth": truth])
      #expect(IFEvalReward().rewards(for: [answer]) == [.failed(reason)])
    }
  }

  /// What would take a time that grows with its square, or more.
  @Test func longAnswersTakeNoTime() throws {
    let texts = [
      "e" + String(repeating: "\u{301}", count: 300_000), String(repeating: "a. ", count: 100_000),
      String(repeating: "'", count: 300_000), String(repeating: ".", count: 300_000),
      String(repeating: "A", count: 300_000),
      String(repeating: "Σ", count: 100_000),
    ]
    let start = ContinuousClock.now
    for text in texts {
      _ = (SentenceSplitter.count(text), LanguageGuess(text).code, TreebankWords.words(of: text).count)
      _ = (PythonText.lastNumber(text), MathAnswer.candidates(in: text))
    }
    #expect(ContinuousClock.now - start < .seconds(60))
  }
}
