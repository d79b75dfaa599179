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

  /// As `bbh_cot_fewshot` of the harness.
  @Test func bbhOfTheHarness() throws {
    let place = try TemporaryFolder()
    try place.write("bbh/navigate.json", #"{"examples": [{"input": "Left?", "target": "No"}]}"#)
    try place.write("cot-prompts/navigate.txt", "canary\n-----\nDo.\n\nQ: R?\nA: So the answer is Yes.\n")
    let task = BBHTask(TaskSettings(style: .harness))
    let item = try task.items(of: BenchmarkData(at: place.path))[0]
    #expect(
      item.prompt.opening + item.prompt.question
        == "Do.\n\nQ: R?\nA: So the answer is Yes.\n\nQ: Left?\nA: Let's think step by step.\n")
    #expect(
      item.request == .answer(Decoding(stops: ["</s>", "Q", "\n\n"], maximumTokens: 1024)) && !item.prompt.isChat)
    let said = [
      "We turn. So the answer is No.\nX.", "the answer is \nthe answer is No!", "the answer is No", "No",
      "so the answer is no.",
    ]
    #expect(said.map(BBHTask.harnessPrediction) == ["No", "No", "N", "[invalid]", "no"])
    #expect(
      said.map { task.scores(of: .texts([$0]), to: item)["exact_match,get-answer"] } == [[1], [1], [0], [0], [0]])
  }

  /// `random.Random(1234).sample(range(30), 5)` of Python, three times.
  @Test func theHarnessDrawsSolvedExamples() throws {
    let place = try TemporaryFolder()
    func lines(_ count: Int) -> String {
      (0..<count).map { #"{"question": "Q\#($0)", "answer": "So \#($0)"}"# + "\n" }.joined()
    }
    try place.write("train.jsonl", lines(30))
    try place.write("test.jsonl", lines(3))
    let items = try GSM8KTask(TaskSettings(style: .harness)).items(of: BenchmarkData(at: place.path))
    let drawn = [[24, 14, 3, 0, 2], [29, 25, 18, 1, 21], [22, 2, 3, 24, 11]]
    #expect(items.map(\.prompt.shots) == drawn.map { $0.map { "Question: Q\($0)\nAnswer: So \($0)\n\n" } })
    let given = TaskSettings(style: .harness, shots: 1, examples: [["question": "Own?", "answer": "#### 1"]])
    let own = try GSM8KTask(given).items(of: BenchmarkData(at: place.path))
    #expect(own.allSatisfy { $0.prompt.shots == ["Question: Own?\nAnswer: #### 1\n\n"] })
  }

  /// The tests that prompts show are `random.seed(42); random.choice([0, 1, 2])` of Python.
  @Test func programsAsTuluDrawsThem() throws {
    let place = try TemporaryFolder()
    let line =
      #"{"prompt": " Do it. ", "code": "import re\ndef f(x):\n  return x: y", "test": "assert f(1)", "test_list": ["t0", "t1", "t2"]}"#
    try place.write("test.jsonl", String(repeating: line + "\n", count: 112))
    let task = MBPPPlusTask(TaskSettings(style: .tulu25))
    let items = try task.items(of: BenchmarkData(at: place.path))
    let shown = [2, 0, 0, 2, 1, 0, 0, 0, 2, 0, 2, 2]
    #expect(items.map { $0.prompt.question.hasSuffix("\n```\nDo it.\nt2```\n") } == shown.map { $0 == 2 })
    #expect(
      items.count == shown.count && items[0].prompt.answerBeginning.hasSuffix(":\n```python\nimport re\ndef f(x):"))
    #expect(task.metrics.map(\.name) == ["pass@10", "pass@1"])
    let function = #"{"prompt": "def f():\n", "test": "t", "entry_point": "f"}"#
    let raw = try Self.items(HumanEvalTask(TaskSettings(style: .tulu25)), function, "test.jsonl")[0]
    #expect(raw.prompt == TaskPrompt(question: "def f():\n", isChat: false))
  }

  @Test func whatOthersAskOtherwiseIsSaid() throws {
    let place = try TemporaryFolder()
    try place.write("math.jsonl", #"{"problem": "1+1?", "answer": "2"}"#)
    func remarks(_ style: EvaluationStyle) throws -> [String] {
      try TaskQuestions(named: "math_500", TaskSettings(style: style), at: place.path("math.jsonl")) {
        throw EvaluationError("\($0.name) is not on the hub")
      }.remarks
    }
    try place.write("bbh/bbh/a.json", #"{"examples": [{"input": "Left?", "target": "No"}]}"#)
    try place.write("bbh/cot-prompts/a.txt", "canary\n-----\nDo.\n")
    let tulu = try TaskQuestions(named: "bbh", TaskSettings(style: .tulu25), at: place.path("bbh")) {
      throw EvaluationError("\($0.name) is not on the hub")
    }
    #expect(tulu.remarks.contains { $0.hasPrefix("bbh: all questions are asked; which 40 of each task") })
    let line = "math_500: asked in Caravan's own way, not as lm-evaluation-harness asks it"
    #expect(try remarks(.harness).contains(line) && !remarks(.standard).contains(line))
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
