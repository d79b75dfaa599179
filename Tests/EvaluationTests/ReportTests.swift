import Foundation
import JSON
import TestSupport
import Testing

@testable import Evaluation

/// Results as others read them.
@Suite struct ReportTests {
  private static func report(_ scores: [Double], model: String = "tiny") -> EvaluationReport {
    let task = OwnTask(file: "sums.jsonl", scorer: .exact)
    var report = EvaluationReport(model: model, date: Date(timeIntervalSince1970: 1_764_092_622.5))
    let scored = scores.enumerated().map { number, score in
      let item = EvaluationItem(
        document: ["question": .string("\(number + 1)+1?"), "answer": .string("\(number + 2)")],
        prompt: TaskPrompt(question: "", isChat: false), request: .answer(Decoding(stops: ["Question:"])),
        target: "\(number + 2)")
      return ScoredItem(
        number: number, item: item, prompt: "Question: \(number + 1)+1?\nAnswer:", answer: .texts(["lol"]),
        scores: ["score,none": [score]])
    }
    report.add(task, scored, total: 9)
    return report
  }

  /// The fields and hashes that lm-evaluation-harness writes.
  @Test(.enabled(if: Gold.has("lm_eval_format"))) func filesAreTheHarness() throws {
    let place = try TemporaryFolder()
    let file = try Self.report([0, 0], model: "owner/na me").write(to: place.url)
    #expect(file.path == place.path("owner_na_me/results_2025-11-25T17-43-42.500000.json"))
    let (ours, theirs) = (
      try JSON(file: file), try Gold.json("lm_eval_format/results_2026-11-25T17-43-42.509524.json")
    )
    #expect(theirs.object?.keys.filter { ours[$0] == nil } == [])
    #expect(ours["results"]?["sums"]?["score,none"]?.double == 0)
    #expect(ours["results"]?["sums"]?["score_stderr,none"]?.double == 0)
    #expect(ours["n-samples"]?["sums"] == ["original": 9, "effective": 2])

    let name = "owner_na_me/samples_sums_2025-11-25T17-43-42.500000.jsonl"
    let lines = try place.text(name).split(separator: "\n").map { try JSON(parsing: String($0)) }
    let gold = try Gold.lines("lm_eval_format/samples_tiny_gsm_2026-11-25T17-43-42.509524.jsonl")
    for (line, known) in zip(lines, gold) {
      for field in ["doc_hash", "target_hash", "resps", "filtered_resps", "filter", "doc_id", "target"] {
        if field == "doc_hash", known["doc_id"] != 0 { continue }
        if field.hasPrefix("target"), known["doc_id"] != 0 { continue }
        #expect(line[field] == known[field], "\(field)")
      }
      #expect(known.object?.keys.filter { line[$0] == nil } == ["exact_match"])
    }
    #expect(lines[0]["prompt_hash"] == gold[0]["prompt_hash"])
    #expect(lines.count == 2)
  }

  @Test func tablesHaveStandardErrors() {
    #expect(
      Self.report([1, 0, 1, 1]).table == [
        "task  shots  items  metric  value", "sums  0      4      score   75.0 ± 25.0",
      ])
  }

  /// Eight items on which one model alone is right, against two: a coin does as much in 112 of 1024 cases.
  @Test func pairsAreCompared() {
    let first = [Double](repeating: 0, count: 8) + [1, 1, 1, 0]
    let second = [Double](repeating: 1, count: 8) + [0, 0, 1, 0]
    let compared = PairedComparison(first: first, second: second)
    #expect(abs((compared.probability ?? 0) - 112.0 / 1024) < 1e-12)
    #expect(compared.difference == 0.5)
    #expect(PairedComparison(first: [0, 1], second: [0, 1]).probability == 1)
    let lines = Self.report(first, model: "a").comparison(with: Self.report(second, model: "b"))
    #expect(lines.count == 2 && lines[1].hasPrefix("sums  score   25.0  75.0  +50.0 ± 23.0"))
  }

  /// A card keeps what is not ours, and our results are replaced.
  @Test func cardsGetResults() throws {
    let old =
      "---\nlicense: mit # ours\nmodel-index:\n- name: x\n  results:\n  - dataset:\n      name: own\n      type: own\ntags:\n- a\n---\n\n# A card\n"
    let once = try Self.report([1, 0]).card(old, name: "x")
    #expect(once.hasPrefix("---\nlicense: mit # ours\ntags:\n- a\nmodel-index:\n"))
    #expect(once.hasSuffix("---\n\n# A card\n"))
    #expect(once.contains("type: own") && once.contains("value: 0.5"))
    let twice = try Self.report([1, 1]).card(once, name: "x")
    #expect(!twice.contains("value: 0.5") && twice.contains("value: 1.0") && twice.contains("type: own"))
    #expect(try Self.report([1, 1]).card(twice, name: "x") == twice)
    #expect(try Self.report([1]).card("Text", name: "x").hasSuffix("---\n\nText"))
  }

  @Test func pagesEscapeWhatModelsSay() {
    let html = EvaluationPage(Self.report([1], model: "<b>\"&")).html
    #expect(html.contains("<h1>&lt;b&gt;&quot;&amp;</h1>") && html.contains("lol"))
  }
}
