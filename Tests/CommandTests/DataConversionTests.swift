import Foundation
import JSON
import TestSupport
import Testing

/// `caravan data ultrafeedback` and `caravan data convert`: from published sets to records that are trained on.
@Suite struct DataConversionTests {
  private let place: Workplace
  private static let fixtures = Checkout.fixtures(of: "DatasetsTests")
  private static let raw = fixtures.appending(path: "ultrafeedback_raw.jsonl").path

  init() throws { place = try Workplace() }

  private func published(_ name: String) -> String {
    Self.fixtures.appending(path: "published/\(name).jsonl").path
  }

  @Test func pairsGoToStandardOutputAndWhatBecameOfTheRowsToStandardError() throws {
    let outcome = try place.run(["data", "ultrafeedback", "--score", "overall", "--data", Self.raw]).succeeded()
    let lines = outcome.output.split(separator: "\n")
    #expect(lines.count == 51)
    #expect(
      lines[0]
        == #"{"chosen": [{"role": "user", "content": "What happens if you swallow a pip?"}, {"role": "assistant", "content": "No."}], "rejected": [{"role": "user", "content": "What happens if you swallow a pip?"}, {"role": "assistant", "content": "Yes."}], "source": "ultrafeedback_overall", "score_chosen": 9.0, "score_rejected": 1.0}"#
    )
    let notes = outcome.errors.replacing(Self.fixtures.path + "/", with: "").split(separator: "\n")
    #expect(notes[0] == "read 58 records, made 51 pairs")
    #expect(notes[1] == "dropped 1: the prompt comes from TruthfulQA (ultrafeedback_raw.jsonl:1)")
    #expect(
      notes.contains {
        $0.hasPrefix("17 completions have an overall_score of 10 where 1 was meant, and were given 1 (")
      })
    #expect(notes.contains { $0.hasPrefix("9 pairs have answers of equal scores (") })
  }

  @Test func everyChoiceIsAFlag() throws {
    try place.write("questions.txt", "Question 7?\r\n\n What happens if you swallow a pip? \n")
    try place.write("questions.jsonl", "{\"question\": \"Question 7?\"}\n")
    func run(_ options: String...) throws -> String {
      try place.run(["data", "ultrafeedback", "--data", Self.raw] + options).succeeded().errors
    }
    func first(_ options: String...) throws -> Substring? {
      try place.run(["data", "ultrafeedback", "--data", Self.raw] + options).succeeded().errors
        .split(separator: "\n").first { $0.hasPrefix("read ") }
    }
    #expect(try first("--score", "mean-aspects") == "read 58 records, made 50 pairs")
    #expect(
      try first(
        "--score", "overall", "--rejected", "lowest", "--ties", "drop", "--truthfulqa", "keep", "--no-repair-scores")
        == "read 58 records, made 48 pairs")
    #expect(
      try run("--score", "overall", "--ties", "drop", "--truthfulqa-questions", "questions.txt").contains(
        "dropped 2: the prompt is a question of TruthfulQA ("))
    #expect(
      try run("--score", "overall", "--truthfulqa-questions", "questions.jsonl").hasPrefix(
        "1 questions read from questions.jsonl\nread 58 records, made 50 pairs\n"))
    let seeds = try ["1", "1", "2"].map {
      try place.run(["data", "ultrafeedback", "--score", "overall", "--data", Self.raw, "--seed", $0]).output
    }
    #expect(seeds[0] == seeds[1] && seeds[0] != seeds[2])
  }

  @Test func aFileAppearsWholeOrNotAtAll() throws {
    try place.run(["data", "convert", "--from", "nectar", "--data", published("nectar"), "--output", "pairs.jsonl"])
      .succeeded()
    #expect(try place.text("pairs.jsonl").split(separator: "\n").count == 2)
    try place.write("bad.jsonl", try String(contentsOfFile: published("nectar"), encoding: .utf8) + "{}\n")
    try place.run(["data", "convert", "--from", "nectar", "--data", "bad.jsonl", "--output", "bad-pairs.jsonl"])
      .failed(1, "bad.jsonl:4: 'prompt' is missing; expected a string")
    let skipping = ["data", "convert", "--from", "nectar", "--data", "bad.jsonl", "--skip-invalid"]
    #expect(
      try place.run(skipping).succeeded().errors
        == """
        read 4 records, made 2 pairs
        dropped 1: there are not two different answers (bad.jsonl:3)
        skipped 1: 'prompt' is missing; expected a string (bad.jsonl:4)
        1 pairs have answers of equal ranks (bad.jsonl:2)

        """
    )
    try place.write("none.jsonl", #"{"question": "a", "response_j": "", "response_k": "b"}"#)
    let none = try place.run(
      ["data", "convert", "--from", "stack-exchange-paired", "--data", "none.jsonl", "--output", "none-pairs.jsonl"])
    #expect(none.status == 1)
    #expect(none.error == "no record gave anything to train on; see the counts above")
    #expect(try place.names("").filter { !$0.hasPrefix(".") } == ["bad.jsonl", "none.jsonl", "pairs.jsonl"])
  }

  @Test func wrongUsage() throws {
    let pairs = published("nectar")
    try place.run(["data", "convert", "--from", "necter", "--data", pairs]).failed(
      64, "There is no source 'necter'. Did you mean 'nectar'?")
    try place.run(["data", "convert", "--from", "hh-rlhf", "--data", pairs, "--ties", "keep"]).failed(
      64, "--ties has no meaning for --from hh-rlhf; leave it out")
    try place.run(["data", "convert", "--from", "nectar", "--data", pairs, "--system-prompts", "keep"]).failed(
      64, "--system-prompts has no meaning for --from nectar; leave it out")
    try place.run(["data", "convert", "--from", "nectar"]).failed(64, "--data is missing: name the files to read")
    try place.run(
      [
        "data", "ultrafeedback", "--score", "overall", "--data", pairs, "--truthfulqa", "keep",
        "--truthfulqa-questions", "q",
      ]
    ).failed(64, "--truthfulqa keep and --truthfulqa-questions contradict each other; leave one out")
    try place.run(["data", "convert", "--from", "nectar", "--data", "nothing.jsonl"]).failed(
      1, "nothing.jsonl: no such file or folder")
    try place.run(["data", "ultrafeedback", "--score", "overall", "--data", Self.raw, "--truthfulqa-questions", "q"])
      .failed(1, "q: cannot be read")
  }

  @Test func conversationsTrainToo() throws {
    try place.run(
      [
        "data", "convert", "--from", "tulu-v2-sft-mixture", "--data", published("tulu-v2-sft-mixture"), "--output",
        "chats.jsonl",
      ]
    ).succeeded()
    #expect(
      try place.run(["data", "preview", "--model", Workplace.model, "--data", "chats.jsonl"]).succeeded().output
        .contains("conversation: "))
  }

  // MARK: Real files, through to a run

  private static let shared = Checkout.hasStories ? Checkout.shared("real") : nil

  @Test(
    .enabled(if: shared != nil, "the shared real data are absent"),
    arguments: [
      (["ultrafeedback", "--score", "overall"], "alpaca_eval_in_ultrafeedback_schema.jsonl.gz", 400),
      (["convert", "--from", "hh-rlhf"], "hh_rlhf_harmless.jsonl.gz", 1200),
    ])
  func realFilesThroughToARun(command: [String], file: String, rows: Int) throws {
    let real = try #require(Self.shared)
    let made = try place.run(
      ["data"] + command + ["--data", real.appending(path: file).path, "--output", "pairs.jsonl"]
    ).succeeded()
    let pairs = try place.text("pairs.jsonl").split(separator: "\n").count
    // Every row read is one pair or dropped.
    let dropped = made.errors.split(separator: "\n").filter { $0.hasPrefix("dropped ") }
      .compactMap { Int($0.dropFirst("dropped ".count).prefix { $0.isNumber }) }.reduce(0, +)
    #expect(made.errors.hasPrefix("read \(rows) records, made \(pairs) pairs\n"), "\(made)")
    #expect(pairs + dropped == rows && pairs > rows * 9 / 10)

    let run = try place.run(
      [
        "dpo", "--model", real.appending(path: "stories260K").path, "--data", "pairs.jsonl", "--output", "run",
        "--chat-template", real.appending(path: "chat-templates/tulu.jinja").path, "--max-length", "128",
        "--batch-size", "4", "--max-steps", "3", "--threads", "1", "--learning-rate", "1e-4",
      ]
    ).succeeded()
    #expect(run.errors.contains(" of \(pairs) records from pairs.jsonl"), "\(run)")
    let losses = try place.metrics("run").compactMap { $0["loss"]?.double }
    #expect(losses.count >= 3 && abs(losses[0] - 0.693147) < 1e-4, "\(losses)")
  }
}
