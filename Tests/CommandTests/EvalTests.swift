import Foundation
import JSON
import Testing

/// `caravan eval`.
@Suite struct EvalTests {
  private let place: Workplace

  init() throws {
    place = try Workplace()
    try place.write(
      "mine.jsonl",
      """
      {"prompt": "Name a fruit.", "answer": ["pear", "a"], "max_tokens": 6}
      {"prompt": "Where do owls sleep?", "answer": "tree", "max_tokens": 6}

      """)
  }

  private func files(_ folder: String = "evaluation") throws -> [String] {
    let model = try #require(place.names(folder).first { $0 != "answers.jsonl" })
    return try place.names("\(folder)/\(model)").map { "\(folder)/\(model)/\($0)" }
  }

  @Test func ownTasksAreAnsweredOnceAndWritten() throws {
    let arguments = ["eval", Workplace.model, "--tasks", "mine.jsonl", "--scorer", "contains", "--threads", "1"]
    let first = try place.run(arguments).succeeded()
    #expect(first.output.hasPrefix("task  shots  items  metric  value\nmine  0      2      score   "))
    let answers = try place.text("evaluation/answers.jsonl")
    #expect(answers.split(separator: "\n").count == 2)
    let again = try place.run(arguments + ["--batch", "1"]).succeeded()
    #expect(again.output == first.output)
    #expect(try place.text("evaluation/answers.jsonl") == answers)
    let results = try #require(files().first { $0.hasSuffix(".json") })
    #expect(try JSON(parsing: place.text(results))["n-samples"]?["mine"]?["effective"] == 2)
    #expect(try files().contains { $0.hasSuffix(".html") } && files().contains { $0.hasSuffix(".jsonl") })
  }

  @Test func twoModelsAreComparedAndCardsHaveResults() throws {
    let (one, other) = (try place.copyModel("one"), try place.copyModel("other"))
    try place.write("gsm/test.jsonl", #"{"question": "1+1?", "answer": "Two.\n#### 2"}"#)
    try place.write("gsm/train.jsonl", #"{"question": "2+2?", "answer": "Four.\n#### 4"}"#)
    let arguments = [
      "eval", one, other, "--tasks", "gsm8k", "--data", "gsm", "--shots", "1", "--card", "--threads", "1",
    ]
    let outcome = try place.run(arguments).succeeded()
    #expect(outcome.output.contains("\ntask   metric       one  other  difference  p\ngsm8k  exact_match  "))
    #expect(outcome.errors.contains("gsm8k: gsm has 1 items; results are reported on 1319"))
    #expect(try place.text("one/README.md").contains("type: openai/gsm8k"))
    #expect(try place.text("one/.eval_results/caravan.yaml").contains("id: openai/gsm8k"))
  }

  @Test func annotationsNeedNoModel() throws {
    let lines = [1.0, 2, 1.5].map {
      #"{"instruction": "Hi", "output_1": "a", "output_2": "bb", "generator_2": "mine", "preference": \#($0)}"#
    }
    try place.write("annotations.jsonl", lines.joined(separator: "\n"))
    let arguments = ["eval", "--annotations", "annotations.jsonl", "--data", "alpaca_eval=nowhere"]
    let output = try place.run(arguments).succeeded().output.split(separator: "\n")
    #expect(output[0] == "mine, judged by unknown")
    #expect(
      output[1] == "win rate 50.00 ± 28.87: 1 wins, 1 losses, 1 draws; 2.00 characters on average")
    #expect(output[2].hasPrefix("no length-controlled win rate: ") && output[2].contains("alpaca_eval.json is missing"))
  }

  @Test func wrongUsageIsSaid() throws {
    for (arguments, text) in [
      (["chess"], "there is no task 'chess'"), (["mmlu,mmlu"], "names a task twice"), (["no.jsonl"], "no such file"),
      (["mmlu", "--shots=-1"], "--shots must be"), (["mmlu", "--limit", "0"], "--limit must be"),
      (["mmlu,gsm8k", "--data", "x"], "say whose data they are, as in mmlu=x"),
    ] {
      let outcome = try place.run(["eval", Workplace.model, "--tasks"] + arguments)
      #expect(outcome.status == 64 && outcome.errors.contains(text), "\(outcome.errors)")
    }
    #expect(try place.run(["eval", "--tasks", "mmlu"]).status == 64)
  }
}
