import Foundation
import JSON
import TestSupport
import Testing

/// `caravan data mix`, `split`, `dedupe`, `decontaminate`, `filter` and `stats`.
@Suite struct DataShapingTests {
  private let place: Workplace

  init() throws { place = try Workplace() }

  private func pair(_ prompt: String, _ chosen: String = "yes", _ rejected: String = "no") -> String {
    #"{"prompt": "\#(prompt)", "chosen": "\#(chosen)", "rejected": "\#(rejected)"}"#
  }

  private func write(_ name: String, _ lines: [String]) throws {
    try place.write(name, lines.map { $0 + "\n" }.joined())
  }

  private func lines(_ text: String) -> [String] { text.split(separator: "\n").map(String.init) }

  /// What JSON allows and no writer of it would repeat: spaces, escapes, duplicate keys, large numbers, a carriage return.
  private let odd = [
    #"{ "prompt":"a\u00e9\/" ,"chosen" :"b", "rejected":"c", "n": 1e400, "id": 123456789012345678901234567890 }"#,
    #"{"prompt": "x", "prompt": "y", "chosen": "\ud83d\ude42", "rejected": "", "score": 1.10}"# + "\r",
    #"{"messages": [{"role": "user", "content": "q"}, {"role": "assistant", "content": "a\u0000b"}]}"#,
  ]

  @Test(arguments: [["filter", "--alternating"], ["dedupe"], ["dedupe", "--near", "0.9"], ["mix"]])
  func recordsPassUnchanged(command: [String]) throws {
    try place.write("odd.jsonl", "\u{FEFF}" + odd.joined(separator: "\n"))
    let outcome = try place.run(["data"] + command + ["--data", "odd.jsonl"]).succeeded()
    // Splitting by bytes: a carriage return and a newline are one character.
    let written = outcome.output.utf8.split(separator: UInt8(ascii: "\n")).map { Data($0) }
    #expect(Set(written) == Set(odd.map { Data($0.utf8) }))
    try place.run(["data"] + command + ["--data", "odd.jsonl", "--output", "odd.gz"]).succeeded()
    let again = try place.run(["data", "dedupe", "--data", "odd.gz"]).succeeded()
    #expect(again.output == outcome.output)
  }

  @Test func listsBecomeLines() throws {
    try place.write(
      "list.json", "[\n  {\"prompt\": \"a\\n\",\r\n   \"chosen\": \"b\", \"rejected\": \"c\"}, \(pair("d"))]")
    let outcome = try place.run(["data", "dedupe", "--data", "list.json"]).succeeded()
    #expect(
      outcome.output == "{\"prompt\": \"a\\n\",     \"chosen\": \"b\", \"rejected\": \"c\"}\n\(pair("d"))\n")
  }

  @Test(arguments: [
    (
      "{\"prompt\": \"\\ud800\", \"chosen\": \"a\", \"rejected\": \"b\"}",
      "not valid JSON: column 19: a lone surrogate in a string"
    ),
    (
      "{\"prompt\": \"a\0\", \"chosen\": \"a\", \"rejected\": \"b\"}",
      "the line holds NUL bytes: the file is damaged, or its text is not UTF-8"
    ),
    ("{\"prompt\": \"a\", \"cho", "the last line is incomplete: the file was cut off while it was written"),
    ("[]", "expected an object with 'messages', or 'prompt' and 'completion', found a list"),
    (String(repeating: "[", count: 100_000) + "}", "not valid JSON: column 514: nested more than 512 deep"),
  ]) func hostileLinesAreRefusedOrCounted(line: String, message: String) throws {
    try place.write("bad.jsonl", pair("good") + "\n" + line)
    try write("good.jsonl", [pair("other")])
    let commands = [["filter", "--different"], ["dedupe"], ["decontaminate", "--against", "good.jsonl"], ["stats"]]
    for command in commands {
      let arguments = ["data"] + command + ["--data", "bad.jsonl"]
      let output = command == ["stats"] ? ["--html", "out"] : ["--output", "out"]
      let outcome = try place.run(arguments + output)
      #expect(outcome.status == 1 && outcome.error == "bad.jsonl:2: \(message)", "\(outcome)")
      #expect(try !place.names("").contains { $0.contains("out") && !$0.hasSuffix(".out") })
      let skipping = try place.run(arguments + ["--skip-invalid"]).succeeded()
      #expect(skipping.errors.contains("skipped 1: "), "\(skipping)")
    }
  }

  @Test func endlessLinesAreRefusedInLittleMemory() throws {
    let command = try Command(["data", "dedupe", "--data", "/dev/zero"], in: place)
    try command.outcome().failed(1, "/dev/zero:1: the line is longer than 64 MB")
  }

  @Test func dedupeKeepsTheFirst() throws {
    let long = (0..<40).map { "word\($0)" }.joined(separator: " ")
    try write("a.jsonl", [pair("p"), pair("q"), pair("p"), pair("p", "other"), pair(long), pair(long + " more")])
    let records = try place.run(["data", "dedupe", "--data", "a.jsonl", "--removed", "gone.jsonl"]).succeeded()
    #expect(lines(records.output).count == 5)
    #expect(records.errors == "read 6 records, kept 5\nremoved 1: the same record as an earlier one's (a.jsonl:3)\n")
    #expect(try place.text("gone.jsonl") == pair("p") + "\n")
    let prompts = try place.run(["data", "dedupe", "--data", "a.jsonl", "--by", "prompt", "--near", "0.8"]).succeeded()
    #expect(lines(prompts.output) == [pair("p"), pair("q"), pair(long)])
    try place.run(["data", "dedupe", "--data", "a.jsonl", "--near", "0.3"]).failed(
      64, "--near must be from 0.5 to 1, not 0.3")
  }

  @Test func splitKeepsPromptsTogether() throws {
    try write("a.jsonl", (0..<100).map { pair("Prompt \($0 % 40)\($0 < 40 ? "?" : "")", "answer \($0)") })
    let arguments = [
      "data", "split", "--data", "a.jsonl", "--output", "train.jsonl", "--held-out-output", "held.jsonl",
    ]
    try place.run(arguments + ["--held-out", "0.2"]).succeeded()
    let (train, held) = (lines(try place.text("train.jsonl")), lines(try place.text("held.jsonl")))
    #expect((train + held).sorted() == lines(try place.text("a.jsonl")).sorted())
    #expect((17...20).contains(held.count))
    func prompts(_ lines: [String]) throws -> Set<String> {
      Set(try lines.map { try #require(JSON(parsing: $0)["prompt"]?.string).replacing("?", with: "") })
    }
    #expect(try prompts(train).isDisjoint(with: prompts(held)))
    try place.run(arguments + ["--held-out", "100"]).failed(64, "--held-out 100: there are only 100 records")
    try write("one.jsonl", [pair("p"), pair("P!")])
    try place.run(["data", "split", "--data", "one.jsonl", "--held-out", "1", "--held-out-output", "h.jsonl"]).failed(
      1, "no record would be held out, since records with one prompt stay together; nothing was written")
  }

  @Test func mixTakesWhatIsAsked() throws {
    try write("a.jsonl", (0..<50).map { pair("a\($0)") })
    try write("b.jsonl", (0..<20).map { pair("b\($0)") })
    let mix = ["data", "mix", "--data", "one=a.jsonl", "b.jsonl"]
    let outcome = try place.run(mix + ["--take", "one=10"]).succeeded()
    #expect(lines(outcome.output).count == 30 && Set(lines(outcome.output)).count == 30)
    #expect(
      outcome.errors
        == "one: took 10 of 50 records, 33.3% of the mixture\nb: took 20 of 20 records, 66.7% of the mixture\n")
    #expect(try place.run(mix + ["--take", "one=10"]).output == outcome.output)
    #expect(try place.run(mix + ["--take", "one=10", "--seed", "1"]).output != outcome.output)
    #expect(lines(try place.run(mix + ["--weight", "one=1", "b=1"]).succeeded().output).count == 40)
    try place.run(mix + ["--take", "b=21"]).failed(
      1, "b has 20 records, 21 are wanted of it; take fewer, or allow repeating them with --repeat")
    #expect(lines(try place.run(mix + ["--take", "b=50", "one=0", "--repeat"]).succeeded().output).count == 50)
    try place.run(mix + ["--take", "c=1"]).failed(64, "there is no source 'c'; the sources are b, one")
  }

  @Test func decontaminationNamesTheFiles() throws {
    let question = "If a train leaves at noon and travels for three hours how far does it get"
    try write("a.jsonl", [pair("Solve. \(question)?"), pair("What is up?")])
    try write("gsm.jsonl", [#"{"question": "\#(question)", "answer": "4"}"#])
    try write("other.jsonl", [#"{"question": "What is down?"}"#])
    let outcome = try place.run(["data", "decontaminate", "--data", "a.jsonl", "--against", "gsm.jsonl", "other.jsonl"])
    #expect(outcome.succeeded().output == pair("What is up?") + "\n")
    #expect(
      outcome.errors == """
        gsm.jsonl: 1 prompts, found in 1 records
        other.jsonl: 1 prompts, found in 0 records
        read 2 records, kept 1
        removed 1: contains an evaluation prompt, or a part of one (a.jsonl:1)

        """)
  }

  @Test func filterCountsEachReason() throws {
    try write(
      "a.jsonl",
      [
        pair("p"), pair("a long prompt"), pair("p", "same", "same"), pair("p", ""),
        #"{"messages": [{"role": "user", "content": "a"}, {"role": "user", "content": "b"}, {"role": "assistant", "content": "c"}]}"#,
      ])
    let outcome = try place.run(
      ["data", "filter", "--data", "a.jsonl", "--max-prompt", "5", "--alternating", "--different", "--not-empty"])
    #expect(outcome.succeeded().output == pair("p") + "\n")
    #expect(
      outcome.errors == """
        read 5 records, kept 1
        removed 1: the prompt has more than 5 characters (a.jsonl:2)
        removed 1: both answers are the same (a.jsonl:3)
        removed 1: a message is empty (a.jsonl:4)
        removed 1: roles do not alternate between user and assistant (a.jsonl:5)

        """)
    try place.run(["data", "filter", "--data", "a.jsonl", "--min-answer", "9"]).failed(
      1, "no record was kept, and nothing was written; see the counts above")
  }

  @Test func statsCount() throws {
    try write("a.jsonl", [pair("four"), pair("four"), pair("eightily", "no", "yes"), pair("x", "é", "é")])
    #expect(
      try place.run(["data", "stats", "--data", "a.jsonl"]).succeeded().output == """
        4 pairs, 51 characters

        characters  mean  min  5%  25%  median  75%  95%  99%  max
        prompt       4.2    1   1    1       4    4    8    8    8
        chosen       2.2    1   1    1       2    3    3    3    3
        rejected     2.0    1   1    1       2    2    3    3    3
        whole        6.4    2   2    2       6    7   11   11   11

        chosen is longer  chosen is longer in 50.0% of the pairs, as long in 25.0%, shorter in 25.0%; 0.2 characters \
        longer on average
        same answers      1 pairs have two answers that are the same
        duplicates        1 records say the same as an earlier one
        shared prompts    2 records share their prompt with another; there are 3 prompts, 1 of them in several records

        """)
    let outcome = try place.run(
      ["data", "stats", "--data", Workplace.pairs, "--model", Workplace.model, "--json", "--html", "s.html"] + [
        "--max-length", "30",
      ])
    let json = try JSON(parsing: outcome.succeeded().output)
    #expect(json["unit"] == "tokens" && json["pairs"] == 30 && (json["truncated"]?.int ?? 0) > 0)
    let page = try place.text("s.html")
    #expect(page.hasPrefix("<!doctype html>") && page.contains("<svg") && !page.contains("http"))
    try place.run(["data", "stats", "--data", "a.jsonl", "--max-length", "9"]).failed(
      64, "--max-length is in tokens, and needs a --model")
  }

  @Test func outputsThatCannotBe() throws {
    try write("a.jsonl", [pair("p")])
    let dedupe = ["data", "dedupe", "--data", "a.jsonl"]
    try place.run(dedupe + ["--output", "/dev/null"]).failed(
      1, "/dev/null: is not a file; without the option, lines go to standard output")
    try place.run(dedupe + ["--output", "no/out.jsonl"]).failed(
      1, "no/out.jsonl: the folder no does not exist; make it first")
    try place.run(dedupe + ["--output", "x", "--removed", "./x"]).failed(
      64, "--output and --removed name the same file")
    // A file may take the place of what it was made of.
    try place.run(dedupe + ["--output", "a.jsonl"]).succeeded()
    #expect(try place.text("a.jsonl") == pair("p") + "\n")
  }

  @Test("rows of Parquet pass whole, as lines of JSON: columns that no command knows too")
  func parquet() throws {
    let fixtures = Checkout.fixtures(of: "DatasetsTests")
    let rows = try String(contentsOf: fixtures.appending(path: "pairs.jsonl"), encoding: .utf8).split(separator: "\n")
      .map { try JSON(parsing: String($0)) }
    for command in [["mix"], ["dedupe"], ["filter", "--max-messages", "100"]] {
      let output = try place.run(["data"] + command + ["--data", fixtures.appending(path: "pairs.parquet").path])
        .succeeded().output
      let lines = try output.split(separator: "\n").map { try JSON(parsing: String($0)) }
      #expect(lines.count == rows.count)
      // A column is there in each row of a table, null where the line did not have the field.
      for row in rows {
        #expect(lines.contains { line in (row.object ?? [:]).allSatisfy { line[$0.key] == $0.value } })
      }
    }
  }
}
