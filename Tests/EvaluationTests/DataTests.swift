import Foundation
import JSON
import TestSupport
import Testing

@testable import Evaluation

/// Data of benchmarks, and what becomes of their records.
@Suite struct DataTests {
  @Test func tablesOfCommaSeparatedValues() throws {
    let text = "\u{FEFF}a,b\r\n\"x, \"\"y\"\"\",\"two\nlines\"\r\n\r\n,\n"
    #expect(try CSVTable.rows(Array(text.utf8), "t.csv") == [["a", "b"], ["x, \"y\"", "two\nlines"], ["", ""]])
    #expect(throws: (any Error).self) { try CSVTable.rows(Array("a\n\"b,c\n".utf8), "t.csv") }
    #expect(throws: (any Error).self) { try CSVTable.rows([0xFF], "t.csv") }
  }

  @Test func pathsSayTheirSplits() throws {
    let place = try TemporaryFolder()
    for name in ["main/test-00000-of-00001.jsonl", "socratic/test.jsonl", "main/train.jsonl", "note.txt"] {
      try place.write(name, "{}")
    }
    let data = try BenchmarkData(at: place.path)
    #expect(data.paths(of: "test", configuration: "main").map(place.relative) == ["main/test-00000-of-00001.jsonl"])
    #expect(data.paths(of: "train").count == 1 && data.paths(of: "validation").isEmpty)
    #expect(throws: EvaluationError.self) { try data.records(of: "validation") }
    #expect(throws: EvaluationError.self) { try BenchmarkData(at: place.path("nowhere")) }
  }

  private static func items(_ task: some EvaluationTask, _ text: String, _ name: String) throws -> [EvaluationItem] {
    let place = try TemporaryFolder()
    return try task.items(of: BenchmarkData(at: place.write(name, text).path))
  }

  @Test func problemsOfGSM8K() throws {
    let solution = "He has 2*3=<<2*3=6>>6.\\nSo six.\\n#### 1,006"
    let place = try TemporaryFolder()
    try place.write("test.jsonl", "{\"question\": \" How many? \", \"answer\": \"\(solution)\"}")
    try place.write("train.jsonl", "{\"question\": \"What?\", \"answer\": \"\(solution)\"}")
    let items = try GSM8KTask(TaskSettings(shots: 1)).items(of: BenchmarkData(at: place.path))
    #expect(items.map(\.target) == ["1006"])
    #expect(items[0].prompt.shots == ["Question: What?\nAnswer: He has 2*3=6.\nSo six.\nThe answer is 1,006.\n\n"])
    #expect(items[0].prompt.question == "Question: How many?")
    #expect(throws: EvaluationError.self) {
      try GSM8KTask(TaskSettings(shots: 2)).items(of: BenchmarkData(at: place.path))
    }
    #expect(HarnessAnswer.flexible("It is $1,250.") == "$1,250." && HarnessAnswer.flexible("none") == "[invalid]")
    #expect(HarnessAnswer.strict("x #### -12 y") == "-12" && HarnessAnswer.strict("12") == "[invalid]")
    #expect(HarnessAnswer.areEqual("$1,250.", "so\n#### 1250"))
  }

  @Test func tasksOfBBH() throws {
    let place = try TemporaryFolder()
    try place.write("bbh/navigate.json", #"{"examples": [{"input": "Left?", "target": "No"}]}"#)
    try place.write(
      "cot-prompts/navigate.txt", "canary\n-----\nDo.\n\nQ: Right?\nA: Let's see. We turn. So the answer is Yes.\n")
    let data = try BenchmarkData(at: place.path)
    let items = try BBHTask().items(of: data)
    #expect(items[0].prompt.opening == "Do.\n\nQ: Right?\nA: Let's see. We turn. So the answer is Yes.")
    #expect(items[0].prompt.question == "\n\nQ: Left?" && items[0].group == "navigate")
    #expect(try BBHTask(isDirect: true).items(of: data)[0].prompt.opening == "Do.\n\nQ: Right?\nA: Yes.")
  }

  @Test func questionsWithChoices() throws {
    let arc = #"{"question": "Q?", "choices": {"text": ["x", "y"], "label": ["1", "2"]}, "answerKey": "2"}"#
    let question = try Self.items(ARCTask(isChallenge: true), arc, "test.jsonl")[0]
    #expect(question.prompt.question == "Question: Q?\nAnswer:" && question.target == "y")
    let scene =
      #"{"activity_label": "Roof", "ctx_a": "A man [title] sits.", "ctx_b": "he STARTS", "endings": ["a [x]  b", "c"], "label": "1"}"#
    let ending = try Self.items(HellaSwagTask(), scene, "validation.jsonl")[0]
    #expect(ending.prompt.question == "Roof: A man. sits. He starts" && ending.target == "c")
    #expect(ending.request == .likelihoods([.init(" a  b"), .init(" c")]))
    let gap = #"{"sentence": "Ann saw Bo; _ ran.", "option1": "Ann", "option2": "Bo", "answer": "2"}"#
    let sentence = try Self.items(WinoGrandeTask(), gap, "validation.jsonl")[0]
    #expect(
      sentence.request
        == .likelihoods([.init(" ran.", after: "Ann saw Bo; Ann"), .init(" ran.", after: "Ann saw Bo; Bo")]))
    #expect(MMLUProTask.prediction(of: "So the answer is (J).") == "J" && MMLUProTask.prediction(of: "J") == nil)
  }

  @Test func answersOfTruthfulQA() throws {
    let table =
      "Question,Best Answer,Correct Answers,Incorrect Answers\nWhy?,Because,\"Because; So it is.\",No;Never ; \n"
    let item = try Self.items(TruthfulQATask(), table, "TruthfulQA.csv")[0]
    let texts = [" Because.", " So it is.", " No.", " Never."]
    #expect(item.request == .likelihoods(texts.map { EvaluationItem.Candidate($0) }) && item.target == "Because.")
  }

  @Test func unknownTasksAndExamples() throws {
    #expect(try EvaluationTasks.named("chess") == nil)
    #expect(throws: EvaluationError.self) { try EvaluationTasks.named("winogrande", TaskSettings(shots: 5)) }
    for name in EvaluationTasks.names { #expect(try EvaluationTasks.named(name)?.name == name) }
  }
}
