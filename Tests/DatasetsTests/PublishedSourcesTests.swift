import Datasets
import Foundation
import JSON
import TestSupport
import Testing
import Text

/// Published data sets, on a few invented rows in the published form of each.
@Suite struct PublishedSourcesTests {
  private static func fixture(_ name: String) -> String {
    UltraFeedbackPreferencesTests.fixtures + "/published/\(name).jsonl"
  }

  /// What a source makes of files, and its report without the files' folder.
  private func convert(
    _ name: String, _ choices: (inout SourceChoices) -> Void = { _ in }, from path: String? = nil,
    skipInvalid: Bool = false
  ) throws -> (lines: [String], report: String) {
    let source = try #require(PublishedSources.all.first { $0.name == name })
    var made = source.choices
    choices(&made)
    let path = path ?? Self.fixture(name)
    let conversion = try Conversion(source.init(made), [path], skipInvalid: skipInvalid)
    var lines: [String] = []
    while let record = try conversion.next() { lines.append(Self.line(record)) }
    #expect(conversion.report.isComplete, "\(conversion.report)")
    #expect(conversion.report.records == lines.count)
    let folder = (path as NSString).deletingLastPathComponent + "/"
    return (lines, conversion.report.description.replacingOccurrences(of: folder, with: ""))
  }

  /// A record as its texts: `source 3.5>2: prompt | … > chosen / rejected`.
  private static func line(_ record: PublishedRecord) -> String {
    func text(_ messages: [Message]) -> String {
      messages.map { ($0.role == "system" ? "*" : "") + $0.content }.joined(separator: " | ")
    }
    switch record {
    case .pair(let pair, let source, _):
      let scores = [record.json["score_chosen"], record.json["score_rejected"]].compactMap { $0?.text }
      return ([source] + (scores.isEmpty ? [] : [scores.joined(separator: ">")])).joined(separator: " ")
        + ": \(text(pair.prompt)) > \(text(pair.chosen)) / \(text(pair.rejected))"
    case .conversation(let conversation, let dataset, let id):
      return "\(dataset ?? "") \(id ?? ""): \(text(conversation.messages))"
    }
  }

  @Test(arguments: PublishedSources.all.map { $0.name })
  func hasAFixtureOfWhichEachRowIsAccountedFor(name: String) throws {
    #expect(try !convert(name).lines.isEmpty)
  }

  @Test func transcriptsEndAtTheFirstTurnThatDiffers() throws {
    let made = try convert("hh-rlhf")
    #expect(
      made.lines == [
        "hh-rlhf: Where do otters sleep? > On the water, holding hands. / In trees.",
        "hh-rlhf: Hi. | Hello! | Name a tree. > Birch. / A stone.", "hh-rlhf: Count. > One. / Six.",
      ])
    #expect(
      made.report == """
        read 7 records, made 3 pairs
        dropped 1: one transcript is the beginning of the other (hh-rlhf.jsonl:4)
        dropped 2: an answer does not end with an assistant's message (hh-rlhf.jsonl:5, hh-rlhf.jsonl:7)
        dropped 1: the prompt or an answer is empty (hh-rlhf.jsonl:6)
        1 pairs lack what was said after the first turn that differs (hh-rlhf.jsonl:3)
        """)
  }

  @Test func theFirstRankIsChosen() throws {
    let made = try convert("nectar") { $0.rejected = .lowest }
    #expect(
      made.lines == [
        "nectar: Why is rain wet? > It is water. / Because.", "nectar: Hi. | Hello. | Sing. > La. / Lo.",
      ])
    #expect(
      made.report == """
        read 3 records, made 2 pairs
        dropped 1: there are not two different answers (nectar.jsonl:3)
        1 pairs have answers of equal ranks (nectar.jsonl:2)
        """)
    let strict = try convert("nectar") { ($0.rejected, $0.ties) = (.lowest, .drop) }
    #expect(strict.lines == Array(made.lines.prefix(1)))
    let random = try (0..<20).map { seed in try convert("nectar") { $0.seed = seed }.lines[0] }
    let others = ["Because.", "It is cold."].map { "nectar: Why is rain wet? > It is water. / \($0)" }
    #expect(Set(random) == Set(others))
    #expect(try convert("nectar") { $0.seed = 3 } == convert("nectar") { $0.seed = 3 })
  }

  @Test func votesAndLabelsSayWhichIsBetter() throws {
    let paired = try convert("stack-exchange-paired")
    #expect(paired.lines == ["stack-exchange-paired: How do I close a gate? > Push it. / Open it."])
    #expect(
      paired.report
        == "read 2 records, made 1 pairs\ndropped 1: the prompt or an answer is empty (stack-exchange-paired.jsonl:2)")
    #expect(
      try convert("shp-2").lines == [
        "shp 40.0>5.0: When do I plant beans? > In May. / Never.", "shp 9.0>2.0: And peas? > In March. / Peas?",
      ])
    #expect(
      try convert("alpaca-farm").lines == [
        "alpaca_farm: Say it shorter.\n\nIt is very cold outside. > Freezing. / It is cold outside, very.",
        "alpaca_farm: Name a colour. > Ochre. / Seven.",
      ])
  }

  @Test func rowsWithOnePromptAreOneChoice() throws {
    let made = try convert("helpsteer") { $0.rejected = .lowest }
    #expect(
      made.lines == [
        "helpsteer 3.25>1.25: Name a bird. > The wren. / A cat.",
        "helpsteer 3.25>2.5: Name a star. | Vega. | Another. > Deneb. / Vega.",
        "helpsteer 2.0>2.0: Equal? > Yes. / No.",
      ])
    #expect(
      made.report == """
        read 8 records, made 3 pairs of 7 of them
        dropped 1: there are not two different answers (helpsteer.jsonl:4)
        1 pairs have answers of equal scores (helpsteer.jsonl:7)
        """)
    #expect(
      try convert("helpsteer") { $0.ties = .drop }.report.hasSuffix(
        "\ndropped 2: no answer has a lower score than the best (helpsteer.jsonl:7, …)"))
    let random = try Set((0..<20).map { seed in try convert("helpsteer") { $0.seed = seed }.lines[0] })
    #expect(random.count == 2)
  }

  @Test func theTrueSolutionBeatsAWrongOne() throws {
    let made = try convert("prm800k")
    let prompt = "prm800k_phase2: What is $2+3$? > It is $\\boxed{5}$. / "
    let wrong = Set(["I add.\n# Answer\n\n6", "I guess.\n# Answer\n\n7"].map { prompt + $0 })
    #expect(made.lines.count == 1 && wrong.contains(made.lines[0]))
    #expect(
      made.report == """
        read 5 records, made 1 pairs of 3 of them
        dropped 1: no solution of the problem is wrong (prm800k.jsonl:2)
        dropped 1: the problem has no ground_truth_solution (prm800k.jsonl:4)
        """)
    #expect(try Set((0..<20).map { seed in try convert("prm800k") { $0.seed = seed }.lines[0] }) == wrong)
  }

  @Test func arenasOfBothYears() throws {
    let made = try convert("chatbot-arena")
    #expect(
      made.lines == [
        "chatbot_arena_2023: Hi. > Hello! / No.",
        "chatbot_arena_2024: Sing. > La. | More. | La la. / I cannot. | More. | No.",
      ])
    #expect(
      made.report == """
        read 5 records, made 2 pairs
        dropped 2: neither answer won (chatbot-arena.jsonl:2, chatbot-arena.jsonl:5)
        dropped 1: an answer is missing (chatbot-arena.jsonl:4)
        """)
  }

  @Test func orcaInBothLayouts() throws {
    let made = try convert("orca-dpo-pairs")
    #expect(
      made.lines == [
        "orca_dpo_pairs: Is ice heavier than water? > No, it floats. / Yes.",
        "orca_dpo_pairs: What floats? > Boats. / Anchors.",
        "orca_dpo_pairs_argilla: Which is up? > The sky. / The sea.",
      ])
    #expect(
      made.report == """
        read 3 records, made 3 pairs
        2 pairs lack their system prompt (orca-dpo-pairs.jsonl:2, orca-dpo-pairs.jsonl:3)
        1 pairs are ties (orca-dpo-pairs.jsonl:3)
        """)
    #expect(
      try convert("orca-dpo-pairs") { ($0.ties, $0.systemPrompts) = (.drop, .keep) }.lines == [
        made.lines[0], "orca_dpo_pairs: *You are a sailor. | What floats? > Boats. / Anchors.",
      ])
  }

  @Test func ratedConversations() throws {
    let made = try convert("capybara")
    #expect(
      made.lines == [
        "argilla-capybara 5.0>2.0: Hi. | Hello. | Tell me a secret. > Moss is patient. / No.",
        "argilla-capybara 4.0>4.0: Hm. > Yes. / No.",
      ])
    #expect(try convert("capybara") { $0.ties = .drop }.lines == [made.lines[0]])
  }

  @Test func readyMadeSplitsStayAsTheyAre() throws {
    for name in ["tulu-2.5-preference-data", "tulu-v2-sft-mixture"] {
      let source = try #require(PublishedSources.all.first { $0.name == name })
      let conversion = try Conversion(source.init(source.choices), [Self.fixture(name)], skipInvalid: false)
      let row = try JSON(parsing: String(contentsOfFile: Self.fixture(name), encoding: .utf8))
      let record = try #require(try conversion.next())
      #expect(Self.sorted(record.json) == Self.sorted(row))
    }
  }

  /// A value with its keys in order.
  private static func sorted(_ json: JSON) -> String {
    func sort(_ json: JSON) -> JSON {
      switch json {
      case .array(let elements): .array(elements.map(sort))
      case .object(let members):
        .object(.init(members.sorted { $0.key < $1.key }.map { ($0.key, sort($0.value)) }))
      default: json
      }
    }
    return sort(json).text
  }

  /// What is written is read as it was made, to the byte: by `PreferencePair`, and by `Conversation`.
  @Test(arguments: PublishedSources.all.map { $0.name }) func whatIsWrittenReadsBack(name: String) throws {
    let source = try #require(PublishedSources.all.first { $0.name == name })
    let conversion = try Conversion(source.init(source.choices), [Self.fixture(name)], skipInvalid: false)
    while let record = try conversion.next() {
      let json = try JSON(parsing: record.json.text)
      switch record {
      case .pair(let pair, _, _): #expect(try PreferencePair(json: json, location: pair.location) == pair)
      case .conversation(let conversation, _, _):
        #expect(try Conversation(json: json, location: conversation.location) == conversation)
      }
    }
  }

  @Test func oddTextsSurvive() throws {
    let scratch = try TemporaryFolder()
    let odd = #"a\u0000\u001b\"\\ \u2028 e\u0301 \u00e9 \ud83e\udd9a \ufeff b"#
    let path = try scratch.write(
      #"{"question": "\#(odd)", "response_j": "\#(odd) 1", "response_k": "\#(odd) 2"}"#, to: "odd.jsonl")
    let source = try #require(PublishedSources.all.first { $0.name == "stack-exchange-paired" })
    let conversion = try Conversion(source.init(SourceChoices()), [path], skipInvalid: false)
    let record = try #require(try conversion.next())
    guard case .pair(let pair, _, _) = record else { return }
    let back = try PreferencePair(json: JSON(parsing: record.json.text), location: pair.location)
    #expect(Array(back.prompt[0].content.utf8) == Array("a\u{0}\u{1b}\"\\ \u{2028} e\u{301} é 🦚 \u{feff} b".utf8))
    #expect(Array(back.chosen[0].content.utf8) == Array(pair.chosen[0].content.utf8))
    let lone = try scratch.write(
      #"{"question": "\ud800", "response_j": "a", "response_k": "b"}"#, to: "lone.jsonl")
    let error = #expect(throws: DatasetError.self) { try convert("stack-exchange-paired", from: lone) }
    #expect(
      error.map { scratch.relative($0.description) }
        == "lone.jsonl:1: not valid JSON: column 21: a lone surrogate in a string")
  }

  /// A row that does not have the published form: what is said, after the file and the line.
  @Test(arguments: [
    ("hh-rlhf", #"{"chosen": [], "rejected": ""}"#, "'chosen' must be a string, found a list"),
    ("hh-rlhf", "[]", "expected an object with columns, found a list"),
    ("nectar", #"{"prompt": "\n\nHuman: a"}"#, "'answers' is missing; expected a list of objects"),
    ("nectar", #"{"prompt": "\n\nHuman: a", "answers": [1]}"#, "'answers[0]' must be an object, found a number"),
    (
      "nectar", #"{"prompt": "\n\nHuman: a", "answers": [{"answer": "b", "rank": "1"}]}"#,
      "'answers[0].rank' must be a finite number, found a string"
    ),
    ("stack-exchange-paired", #"{"question": "a"}"#, "'response_j' is missing; expected a string"),
    (
      "shp-2", #"{"history": "a", "human_ref_A": "b", "human_ref_B": "c", "labels": 2}"#,
      "'labels' must be 0 or 1, found a number"
    ),
    (
      "helpsteer", #"{"prompt": "a", "response": "b", "helpfulness": NaN}"#,
      "'helpfulness' must be a finite number, found a number"
    ),
    (
      "helpsteer",
      #"{"prompt": "a", "response": "b", "helpfulness": 1e308, "correctness": 1e308, "coherence": 1, "complexity": 1}"#,
      "the attributes are too large for a mean"
    ),
    ("prm800k", #"{"question": "a"}"#, "'question' must be an object, found a string"),
    ("prm800k", #"{"question": {"problem": "a"}}"#, "'label.finish_reason' is missing; expected a string"),
    (
      "prm800k",
      #"{"question": {"problem": "a", "pre_generated_steps": null}, "label": {"finish_reason": "found_error"}}"#,
      "'question.pre_generated_steps' must be a list of strings, found null"
    ),
    (
      "chatbot-arena", #"{"winner": "me"}"#,
      "'winner' must be 'model_a', 'model_b', 'tie' or 'tie (bothbad)', found a string"
    ),
    ("chatbot-arena", #"{"winner": "model_a"}"#, "'conversation_a' is missing; expected a list of messages"),
    (
      "chatbot-arena", #"{"winner_model_a": 1, "winner_model_b": 1}"#,
      "both 'winner_model_a' and 'winner_model_b' are 1"
    ),
    (
      "chatbot-arena",
      #"{"winner_model_a": 1, "winner_model_b": 0, "prompt": "[", "response_a": "", "response_b": ""}"#,
      "'prompt' must be a list of strings, or one as JSON: line 1, column 2: the text ends where a value was expected"
    ),
    (
      "chatbot-arena", #"{"winner_model_a": 1, "winner_model_b": 0, "prompt": ["a"], "response_a": []}"#,
      "'response_a' must hold as many texts as 'prompt'"
    ),
    (
      "alpaca-farm", #"{"instruction": "a", "output_1": "b", "output_2": "c", "preference": "1"}"#,
      "'preference' must be 1 or 2, found a string"
    ),
    ("orca-dpo-pairs", #"{"system": 3}"#, "'system' must be a string, found a number"),
    ("capybara", #"{"rating_chosen": null}"#, "'rating_chosen' must be a finite number, found null"),
    ("tulu-2.5-preference-data", #"{"source": "a"}"#, "'chosen' is missing; expected a list of messages or a string"),
    ("tulu-v2-sft-mixture", #"{"messages": []}"#, "'messages' must not be an empty list"),
  ])
  func saysWhatIsWrong(name: String, row: String, message: String) throws {
    let scratch = try TemporaryFolder()
    let good = try String(contentsOfFile: Self.fixture(name), encoding: .utf8)
    let path = try scratch.write(good + row + "\n" + good, to: "rows.jsonl")
    let line = good.split(separator: "\n").count + 1
    let error = #expect(throws: DatasetError.self) { try convert(name, from: path) }
    #expect(error.map { scratch.relative($0.description) } == "rows.jsonl:\(line): \(message)")
    // Left out where that is asked for, and counted.
    let made = try convert(name, from: path, skipInvalid: true)
    #expect(made.report.hasPrefix("read \(2 * line - 1) records, made "))
    #expect(made.report.contains("\nskipped 1: "))
  }
}
